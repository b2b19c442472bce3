/** Logs refused requests of peers and of the member's own systems: the first of a kind singly, a flood as one sum a minute. */
import type { Clock } from '../core/clock.ts';
import { newId, type MemberId } from '../core/ids.ts';
import type { EntryDraft, EntryRef } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RegistryKeeper } from './registry/registry-keeper.ts';

export interface Refusal {
  readonly code: string;
  /** Only when authenticated: then the entry counts in the pair with this peer. */
  readonly peer?: MemberId;
  /** Whose certificate the connection showed, when the token did not prove it. */
  readonly certificateMember?: MemberId;
  readonly mid?: string;
  /** Hex. */
  readonly tokenSha256?: string;
  readonly path: string;
  readonly correlationId: string;
  /** Who of our own asked on the member plane; no peer had a part in it then. */
  readonly actor?: string;
}

export interface RefusalLog {
  /** Where the refusal stands in the ledger; null when it was only counted for a summary. */
  record(refusal: Refusal): Promise<EntryRef | null>;
  /** Writes the summaries that are due. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface RefusalLogOptions {
  readonly member: MemberId;
  readonly ledger: Pick<Ledger, 'record'>;
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly clock: Clock;
  readonly onError?: (error: unknown) => void;
}

/** Refusals of one (peer, code) in one minute. */
interface Tally {
  readonly minute: number;
  readonly refusal: Refusal;
  logged: number;
  counted: number;
}

const SINGLY = 20;
const MINUTE_MS = 60_000;
const MAX_TALLIES = 10_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function createRefusalLog(options: RefusalLogOptions): RefusalLog {
  const tallies = new Map<string, Tally>();
  const flushBefore = (minute: number): Promise<void> => flush(options, tallies, minute);
  const report = (error: unknown): void => options.onError?.(error);
  const timer = setInterval(() => {
    flushBefore(minuteOf(options.clock())).catch(report);
  }, MINUTE_MS / 4).unref();

  return {
    record: async (refusal) => {
      const tally = tallyOf(tallies, refusal, minuteOf(options.clock()));
      if (tally.logged >= SINGLY) {
        tally.counted += 1;
        return null;
      }
      tally.logged += 1;
      return write(options, entryOf(options, refusal));
    },
    flush: () => flushBefore(Number.POSITIVE_INFINITY),
    close: async () => {
      clearInterval(timer);
      await flushBefore(Number.POSITIVE_INFINITY);
    },
  };
}

/** When there are too many, strangers' refusals of one code share a tally; an authenticated peer keeps its own. */
function tallyOf(tallies: Map<string, Tally>, refusal: Refusal, minute: number): Tally {
  const crowded = tallies.size >= MAX_TALLIES && refusal.peer === undefined;
  const stranger = crowded ? '*' : `?${refusal.certificateMember ?? ''}`;
  const who = refusal.peer ?? (refusal.actor === undefined ? stranger : `own ${refusal.actor}`);
  const key = `${minute} ${who} ${refusal.code}`;
  const known = tallies.get(key);
  if (known !== undefined) return known;
  const tally = { minute, refusal, logged: 0, counted: 0 };
  tallies.set(key, tally);
  return tally;
}

async function flush(options: RefusalLogOptions, tallies: Map<string, Tally>, before: number): Promise<void> {
  for (const [key, tally] of tallies) {
    if (tally.minute >= before) continue;
    tallies.delete(key);
    if (tally.counted > 0) await write(options, summaryOf(options, tally));
  }
}

async function write({ ledger }: RefusalLogOptions, draft: EntryDraft): Promise<EntryRef> {
  const { origin, index, leaf } = await ledger.record(draft);
  return { origin, index, leaf };
}

function entryOf(options: RefusalLogOptions, refusal: Refusal): EntryDraft {
  const { mid, tokenSha256, certificateMember } = refusal;
  return {
    ...common(options, refusal),
    kind: kindOf(refusal),
    ...(mid !== undefined && UUID.test(mid) ? { mid } : {}),
    ...(tokenSha256 === undefined ? {} : { token: tokenSha256 }),
    actor:
      refusal.actor ?? (certificateMember === undefined ? 'gateway' : `certificate:${certificateMember}`),
  };
}

function summaryOf(options: RefusalLogOptions, { refusal, counted }: Tally): EntryDraft {
  const actor = refusal.actor ?? 'gateway';
  return { ...common(options, refusal), kind: `${kindOf(refusal)}-summary`, count: counted, actor };
}

function kindOf({ actor }: Refusal): string {
  return actor === undefined ? 'exchange.refused' : 'request.refused';
}

function common(
  { member, registry, clock }: RefusalLogOptions,
  { code, peer, path, correlationId }: Refusal,
): Omit<EntryDraft, 'kind' | 'actor'> {
  const { serial, sha256 } = registry.current();
  return {
    id: newId(),
    at: clock().toISOString(),
    member,
    basis: [],
    registry: { serial, sha256 },
    subject: { type: `request:${path.slice(0, 64)}`, id: correlationId },
    code,
    ...(peer === undefined ? {} : { peer, pair: { peer, dir: 'in' as const } }),
  };
}

function minuteOf(now: Date): number {
  return Math.floor(now.getTime() / MINUTE_MS);
}
