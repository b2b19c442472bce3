/** Follows many logs: one step of each a round, alarms told once and kept with both notes, stalls named. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import { sha256Hex } from '../../core/digest.ts';
import type { LedgerSource } from '../source.ts';
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
  | { readonly kind: 'unreachable' | 'recovered' | 'stalled'; readonly member: string; readonly why: string }
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

interface Watched {
  /** When its checkpoint could be had last, milliseconds. */
  seenAt: number;
  isDown: boolean;
  isStalled: boolean;
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
      logs.map((log) => follow(options, log, watchedOf(watched, log, options))),
    );
    return outcomes.every((isSound) => isSound);
  };
  return {
    round,
    run: async () => {
      while (!options.signal.aborted) {
        await round();
        await sleep(options.intervalMs, undefined, { signal: options.signal }).catch(() => undefined);
      }
    },
  };
}

function watchedOf(all: Map<string, Watched>, { origin }: FollowedLog, { clock }: FollowOptions): Watched {
  const known = all.get(origin);
  if (known !== undefined) return known;
  const fresh = { seenAt: clock().getTime(), isDown: false, isStalled: false, told: new Set<string>() };
  all.set(origin, fresh);
  return fresh;
}

async function follow(options: FollowOptions, log: FollowedLog, watched: Watched): Promise<boolean> {
  const { member } = log;
  try {
    const step = await stepMirror({ ...log, directory: mirrorOf(options.directory, member) });
    if ('why' in step) return await alarm(options, log, { watched, step });
    cameBack(options, log, watched);
    if (step.kind === 'grown') options.onEvent({ kind: 'grown', member, from: step.from, size: step.size });
    else options.onEvent({ kind: 'unchanged', member, size: step.size });
    await options.onSound(log, step);
    return true;
  } catch (error) {
    wentAway(options, log, { watched, error });
    return false;
  }
}

export function mirrorOf(directory: string, member: string): string {
  return join(directory, member);
}

/** Told once for each pair of notes; both are written beside the mirrors. */
async function alarm(
  options: FollowOptions,
  log: FollowedLog,
  {
    watched,
    step,
  }: { readonly watched: Watched; readonly step: Exclude<Step, { kind: 'grown' | 'unchanged' }> },
): Promise<boolean> {
  const { kind, why, known = '', shown } = step;
  const name = sha256Hex(`${known}\n${shown}`).slice(0, 16);
  if (watched.told.has(name)) return false;
  const evidence = join(options.directory, 'alarms', `${log.member}-${kind}-${name}.txt`);
  await mkdir(join(options.directory, 'alarms'), { recursive: true });
  await writeFile(evidence, `${why}\n\nknown:\n${known}\nshown:\n${shown}`);
  if (kind === 'fork') await options.onFork(log, { known, shown });
  watched.told.add(name);
  options.onEvent({ kind, member: log.member, why, evidence });
  return false;
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
  const why = error instanceof Error ? error.message : String(error);
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
