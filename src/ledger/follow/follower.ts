/** Follows many logs: one step of each a round, alarms told once and kept with both notes, stalls named. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import type { LedgerSource } from '../serving/source.ts';
import { alarm } from './alarm.ts';
import { mirrored, stepMirror, type Step } from './mirror.ts';

export interface FollowedLog {
  readonly member: string;
  readonly origin: string;
  readonly vkeys: readonly string[];
  readonly source: LedgerSource;
}

export type FollowEvent =
  | { readonly kind: 'grown'; readonly member: string; readonly from: number; readonly size: number }
  | { readonly kind: 'unchanged'; readonly member: string; readonly size: number }
  | {
      readonly kind: 'unreachable' | 'recovered' | 'stalled' | 'uncosigned';
      readonly member: string;
      readonly why: string;
    }
  | {
      readonly kind: 'rollback' | 'fork' | 'invalid';
      readonly member: string;
      readonly why: string;
      /** File that holds both notes. */
      readonly evidence: string;
    };

export interface FollowOptions {
  readonly directory: string;
  /** Read anew each round: the registry may have changed. */
  readonly logs: () => Promise<readonly FollowedLog[]>;
  readonly clock: Clock;
  readonly onEvent: (event: FollowEvent) => void;
  /** After a log grew or stayed: cosigns it. */
  readonly onSound: (log: FollowedLog, step: Step & { kind: 'grown' | 'unchanged' }) => Promise<void>;
  /** Both notes, signed by the log's key; for the gateway's ledger. */
  readonly onFork: (
    log: FollowedLog,
    notes: { readonly known: string; readonly shown: string },
  ) => Promise<void>;
  readonly intervalMs: number;
  /** A log that cannot be had for so long is stalled. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
}

export interface Watched {
  /** When its checkpoint could be had last, milliseconds. */
  seenAt: number;
  isDown: boolean;
  isStalled: boolean;
  /** A step is under way: one log that trickles keeps no other unwatched. */
  isBusy: boolean;
  /** Why it was not cosigned, as told last. */
  uncosigned: string | undefined;
  readonly told: Set<string>;
}

export interface Follower {
  /** Returns whether every log is sound. */
  round(): Promise<boolean>;
  /** Rounds until the signal. */
  run(): Promise<void>;
}

export function createFollower(options: FollowOptions): Follower {
  const watched = new Map<string, Watched>();
  const round = async (): Promise<boolean> => {
    const logs = await options.logs();
    const outcomes = await Promise.all(
      logs.map((log) => followAlone(options, log, watchedOf(watched, log, options))),
    );
    return outcomes.every((isSound) => isSound);
  };
  const tellFailure = (error: unknown): void =>
    options.onEvent({ kind: 'unreachable', member: 'registry', why: whyOf(error) });
  return {
    round,
    run: async () => {
      const rounds = new Set<Promise<unknown>>();
      while (!options.signal.aborted) {
        const one: Promise<unknown> = round()
          .catch(tellFailure)
          .finally(() => rounds.delete(one));
        rounds.add(one);
        await Promise.race([one, pause(options)]);
        await pause(options);
      }
      await Promise.all(rounds);
    },
  };
}

function watchedOf(all: Map<string, Watched>, { origin }: FollowedLog, { clock }: FollowOptions): Watched {
  const known = all.get(origin);
  if (known !== undefined) return known;
  const fresh = {
    seenAt: clock().getTime(),
    isDown: false,
    isStalled: false,
    isBusy: false,
    uncosigned: undefined,
    told: new Set<string>(),
  };
  all.set(origin, fresh);
  return fresh;
}

function pause({ intervalMs, signal }: FollowOptions): Promise<void> {
  return sleep(intervalMs, undefined, { signal }).catch(() => undefined);
}

/** Returns true for a log whose step is still under way: it is told of when that ends. */
async function followAlone(options: FollowOptions, log: FollowedLog, watched: Watched): Promise<boolean> {
  if (watched.isBusy) return true;
  watched.isBusy = true;
  try {
    return await follow(options, log, watched);
  } finally {
    watched.isBusy = false;
  }
}

async function follow(options: FollowOptions, log: FollowedLog, watched: Watched): Promise<boolean> {
  const { member } = log;
  try {
    const { signal } = options;
    const step = await stepMirror({ ...log, directory: mirrorOf(options.directory, member), signal });
    if ('why' in step) return await alarm(options, log, { watched, step });
    cameBack(options, log, watched);
    if (step.kind === 'grown') options.onEvent({ kind: 'grown', member, from: step.from, size: step.size });
    else options.onEvent({ kind: 'unchanged', member, size: step.size });
    return await cosign(options, log, { watched, step });
  } catch (error) {
    if (options.signal.aborted) return true;
    wentAway(options, log, { watched, error });
    return false;
  }
}

/** What our own witness cannot do is no fault of the log. */
async function cosign(
  { onSound, onEvent }: FollowOptions,
  log: FollowedLog,
  { watched, step }: { readonly watched: Watched; readonly step: Step & { kind: 'grown' | 'unchanged' } },
): Promise<boolean> {
  const why = await onSound(log, step).then(() => undefined, whyOf);
  if (why !== undefined && why !== watched.uncosigned)
    onEvent({ kind: 'uncosigned', member: log.member, why });
  watched.uncosigned = why;
  return why === undefined;
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function mirrorOf(directory: string, member: string): string {
  return join(directory, member);
}

function cameBack({ clock, onEvent }: FollowOptions, { member }: FollowedLog, watched: Watched): void {
  if (watched.isDown) onEvent({ kind: 'recovered', member, why: 'its ledger can be had again' });
  [watched.seenAt, watched.isDown, watched.isStalled] = [clock().getTime(), false, false];
}

function wentAway(
  { clock, onEvent, stallMs, directory }: FollowOptions,
  { member }: FollowedLog,
  { watched, error }: { readonly watched: Watched; readonly error: unknown },
): void {
  const why = whyOf(error);
  if (!watched.isDown) onEvent({ kind: 'unreachable', member, why });
  watched.isDown = true;
  const silentMs = clock().getTime() - watched.seenAt;
  if (watched.isStalled || silentMs < stallMs) return;
  watched.isStalled = true;
  const size = mirrored(mirrorOf(directory, member))?.size ?? 0;
  onEvent({
    kind: 'stalled',
    member,
    why: `no checkpoint for ${Math.round(silentMs / 1000)} s; the last had ${size} entries`,
  });
}
