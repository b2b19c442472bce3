/** The ledger as the capabilities use it: append in their transaction, settle after their commit. */
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/clock.ts';
import type { Database, Queryable } from '../storage/database.ts';
import type { EntryDraft } from './entry.ts';
import type { LedgerKey } from './note.ts';

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

export interface Ledger {
  readonly origin: string;
  readonly vkey: string;
  /**
   * Adds an intake row to the caller's transaction and returns its key. The 32-byte key makes it idempotent: a key
   * that was used before adds nothing. Throws ledger.entry-invalid, ledger.entry-too-large.
   */
  append(tx: Queryable, draft: EntryDraft, key?: Buffer): Promise<Buffer>;
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
}

export function openLedger(options: LedgerOptions): Promise<Ledger> {
  return Promise.reject(new GatewayError('ledger.unavailable', `${options.origin} cannot be opened yet`));
}
