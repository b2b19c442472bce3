/** The ledger in PostgreSQL: intake rows in, settled entries out, by this process's sequencer or another's. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../core/errors.ts';
import { Gathering } from '../core/gathering.ts';
import type { Queryable, Statement } from '../storage/database.ts';
import { durableKeys, intakeRows, readEntryByKey, readNodes } from './entry-store.ts';
import { checkDraft, type EntryDraft } from './entry.ts';
import { LedgerGate } from './gate.ts';
import type { KeyedDraft, Ledger, LedgerOptions, LoggedWork, SettledEntry } from './ledger.ts';
import type { Batch } from './sequence/batch.ts';
import { Sequencer } from './sequence/sequencer.ts';
import { known, RecentEntries, settledEntry } from './sequence/settled.ts';
import { NotShared } from './sequence/shared-work.ts';
import { Waiters } from './sequence/waiters.ts';
import { inclusionPlan } from './tree/proof.ts';
import { readCosigned } from './witness/cosignature-store.ts';

const KEY_BYTES = 32;
const MAX_ACTS = 256;
const SETTLE_MS = 10_000;
/** Some seconds of the sequencer's work: who came later would time out anyway. */
const MAX_WAITING = 20_000;
/** A process that does not sequence looks for its entries itself; one that does only for what slipped by. */
const FOLLOWER_POLL_MS = 15;
const LEADER_POLL_MS = 100;

export class DatabaseLedger implements Ledger {
  readonly origin: string;
  readonly #options: LedgerOptions;
  readonly #waiters = new Waiters();
  readonly #recent = new RecentEntries();
  /** Acts that have no rows of their own. */
  readonly #acts = new Gathering<KeyedDraft, void>({
    take: (waiting) => Math.min(waiting.length, MAX_ACTS),
    work: async (acts) => {
      await this.#options.database.transaction(async (tx) => tx.last(this.intake(acts)));
      return acts.map(() => undefined);
    },
  });
  readonly #sequencer: Sequencer | undefined;
  readonly #gate: LedgerGate;
  #polling: Promise<void> | undefined;
  #closed = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#gate = options.gate ?? new LedgerGate();
    this.origin = options.origin;
    if (options.sequencer === false) return;
    this.#sequencer = new Sequencer({
      ...options,
      mayLead: () => this.#gate.state === 'open',
      onSequenced: (batch) => this.#onSequenced(batch),
      onSetBack: (why) => this.#gate.quarantine(why),
      onError: (error) => options.onError?.(error),
    });
  }

  get vkey(): string {
    return this.#options.key.vkey;
  }

  async append(tx: Queryable, draft: EntryDraft, key: Buffer = randomBytes(KEY_BYTES)): Promise<Buffer> {
    const { text, values } = this.intake([{ draft, key }]);
    await tx.query(text, values);
    return key;
  }

  intake(entries: readonly KeyedDraft[]): Statement {
    this.#admit(entries);
    return intakeRows(entries.map(({ draft, key }) => ({ key, draft: JSON.stringify(draft) })));
  }

  async transact<T>(work: LoggedWork<T>, { long = false } = {}): Promise<T> {
    this.#admit([]);
    try {
      if (!long && this.#sequencer?.leading === true)
        return await this.#sequencer.share(this.#admitted(work));
    } catch (error) {
      if (!(error instanceof NotShared)) throw error;
    }
    return this.#options.database.transaction(async (tx) => {
      const { entries, result } = await work(tx);
      tx.last(this.intake(entries));
      return result;
    });
  }

  #admitted<T>(work: LoggedWork<T>): LoggedWork<T> {
    return async (tx) => {
      const written = await work(tx);
      this.#admit(written.entries);
      return written;
    };
  }

  async record(draft: EntryDraft): Promise<SettledEntry> {
    const key = randomBytes(KEY_BYTES);
    // Here, so that a bad one refuses none that came with it.
    this.#check(draft, key);
    await this.#acts.add({ draft, key });
    return this.settle(key);
  }

  /** Before anything is written: a full or quarantined log takes nothing, and no bad entry reaches the sequencer. */
  #admit(entries: readonly KeyedDraft[]): void {
    this.#gate.assertWritable();
    if (this.#waiters.size >= (this.#options.maxWaiting ?? MAX_WAITING)) {
      throw new GatewayError(
        'ledger.unavailable',
        `${this.#waiters.size} entries wait already; try again later`,
      );
    }
    for (const { draft, key } of entries) this.#check(draft, key);
  }

  #check(draft: EntryDraft, key: Buffer): void {
    if (key.length !== KEY_BYTES) throw new GatewayError('ledger.entry-invalid', 'key must have 32 bytes');
    if (draft.member !== this.#options.member) {
      throw new GatewayError(
        'ledger.entry-invalid',
        `entry of ${draft.member} in the ledger of ${this.origin}`,
      );
    }
    checkDraft(draft);
  }

  async settle(key: Buffer, timeoutMs: number = SETTLE_MS): Promise<SettledEntry> {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    if (this.#closed) throw new GatewayError('ledger.unavailable', 'the ledger is closed');
    const settled = this.#waiters.wait(key, timeoutMs);
    this.#sequencer?.kick();
    this.#polling ??= this.#poll();
    return settled;
  }

  async find(key: Buffer): Promise<SettledEntry | undefined> {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    const stored = await readEntryByKey(this.#options.database, key);
    if (stored === undefined) return undefined;
    const nodes = await readNodes(this.#options.database, inclusionPlan(stored.index, stored.size).flat());
    return settledEntry(stored, (subtree) => known(nodes, subtree));
  }

  async latest(): Promise<{ size: number; root: string; checkpoint: string }> {
    const latest = await readCosigned(this.#options.database);
    if (latest === undefined) throw new GatewayError('ledger.unavailable', 'the log has no checkpoint');
    return { size: latest.size, root: latest.root.toString('hex'), checkpoint: latest.note };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#sequencer?.close();
    this.#waiters.rejectAll(new GatewayError('ledger.unavailable', 'the ledger was closed'));
    await this.#polling;
  }

  #onSequenced(batch: Batch): void {
    this.#recent.add(batch);
    this.#options.onBatch?.({ entries: batch.entries.length, size: batch.head.size });
    for (const { key } of batch.entries) {
      if (!this.#waiters.has(key)) continue;
      const settled = this.#recent.get(key);
      if (settled !== undefined) this.#waiters.release(key, settled);
    }
  }

  /** By key, because neither a lost COMMIT nor another process's batch comes back any other way. */
  async #poll(): Promise<void> {
    while (this.#waiters.size > 0 && !this.#closed) {
      await sleep(this.#sequencer?.leading === true ? LEADER_POLL_MS : FOLLOWER_POLL_MS);
      await this.#releaseDurable().catch((error: unknown) => this.#options.onError?.(error));
    }
    this.#polling = undefined;
  }

  async #releaseDurable(): Promise<void> {
    const keys = this.#waiters.keys();
    if (keys.length === 0) return;
    for (const key of await durableKeys(this.#options.database, keys)) {
      const settled = await this.find(key);
      if (settled !== undefined) this.#waiters.release(key, settled);
    }
  }
}
