/** The ledger as the capabilities use it: append in their transaction, settle after their commit. */
import type { Clock } from '../core/clock.ts';
import type { Database, Queryable, Statement, Transaction } from '../storage/database.ts';
import { DatabaseLedger } from './database-ledger.ts';
import type { EntryDraft } from './entry.ts';
import type { LedgerGate } from './gate.ts';
import type { LedgerKey } from './notes/note.ts';
import { assertSafeDatabase, openLog } from './start.ts';

/** A durable entry with everything a stranger needs to verify it. */
export interface SettledEntry {
  readonly key: Buffer;
  readonly origin: string;
  readonly index: number;
  /** Hex. */
  readonly leaf: string;
  /** Canonical JSON. */
  readonly entry: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** Signed note. */
  readonly checkpoint: string;
  /** Whole text of a c2sp.org/tlog-proof. */
  readonly proof: string;
}

export interface KeyedDraft {
  readonly draft: EntryDraft;
  /** 32 bytes. */
  readonly key: Buffer;
}

/**
 * What an act writes, as statements of `tx` and nothing else: it may run twice, the first time rolled back or, when
 * the answer to its commit was lost, committed. Returns the entries that tell of it.
 */
export type LoggedWork<T> = (
  tx: Transaction,
) => Promise<{ readonly entries: readonly KeyedDraft[]; readonly result: T }>;

export interface Ledger {
  readonly origin: string;
  /** Of the key that signs now. */
  readonly vkey: string;
  /**
   * Adds an intake row to the caller's transaction and returns its key. The 32-byte key makes it idempotent: a key
   * that was used before adds nothing. Throws ledger.entry-invalid, ledger.entry-too-large, ledger.quarantined.
   */
  append(tx: Queryable, draft: EntryDraft, key?: Buffer): Promise<Buffer>;
  /** The statement of `append` for several entries, to be run in the transaction of what they tell. Throws the same. */
  intake(entries: readonly KeyedDraft[]): Statement;
  /**
   * Runs short work and logs its entries, in one transaction; returns its result after the commit. Where this process
   * sequences, that is the sequencer's own, and the entries are durable with their rows; if anything fails there, or
   * another process sequences, the work runs in a transaction of its own and `settle` waits. `long` work goes there at
   * once, because the head of the log is locked meanwhile. Throws what `work` throws there, and what `append` does.
   */
  transact<T>(work: LoggedWork<T>, options?: { readonly long?: boolean }): Promise<T>;
  /** `append` and `settle` of an act that has no rows of its own. Throws what they throw. */
  record(draft: EntryDraft): Promise<SettledEntry>;
  /**
   * To be called after the caller's commit; waits until the entry is durable. Throws ledger.unavailable after
   * `timeoutMs` (10 s): the outcome is then unknown and the same key answers it later.
   */
  settle(key: Buffer, timeoutMs?: number): Promise<SettledEntry>;
  /** The same bytes every time: the proof is that of the entry's own batch. */
  find(key: Buffer): Promise<SettledEntry | undefined>;
  latest(): Promise<{ size: number; root: string; checkpoint: string }>;
  close(): Promise<void>;
}

export interface LedgerOptions {
  readonly database: Database;
  readonly member: string;
  readonly origin: string;
  readonly key: LedgerKey;
  readonly clock: Clock;
  /** false: this process only appends and reads; another one sequences. */
  readonly sequencer?: boolean;
  readonly onError?: (error: unknown) => void;
  /** After each batch that this process committed; must not throw. */
  readonly onBatch?: (batch: { readonly entries: number; readonly size: number }) => void;
  /** Callers that may wait at one time; default 20,000. More are refused before anything of theirs is written. */
  readonly maxWaiting?: number;
  /** Default: always open. */
  readonly gate?: LedgerGate;
  /** Entries for one SM3 anchor; tests shorten it. */
  readonly anchorEvery?: number;
  /** How long the database may leave a batch without an answer; tests shorten it. */
  readonly silentMs?: number;
  /** Keys that this log signed with before `key`. */
  readonly previousVkeys?: readonly string[];
}

/** Throws ledger.unsafe-database, config.invalid, ledger.proof-invalid. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { database, origin, key, clock, previousVkeys = [] } = options;
  await assertSafeDatabase(database);
  await openLog(database, { origin, key, previousVkeys }, clock);
  return new DatabaseLedger(options);
}
