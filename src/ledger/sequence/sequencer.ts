/** The one writer of a log: takes the lease, turns waiting intake rows into batches, one durable commit each. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { failpoint } from '../../core/failpoint.ts';
import type { Database } from '../../storage/database.ts';
import type { LoggedWork } from '../ledger.ts';
import type { LedgerKey } from '../notes/note.ts';
import { ANCHOR_EVERY } from './anchor.ts';
import { buildBatch, type Batch } from './batch.ts';
import {
  commit,
  commitBatch,
  dropIntake,
  hasIntake,
  openBatch,
  releaseLease,
  renewLease,
  takeLease,
  type SequencerConnection,
} from './sequence-store.ts';
import { NotShared, SharedWork, type SharedLoad } from './shared-work.ts';

export interface SequencerOptions {
  readonly database: Database;
  readonly origin: string;
  readonly key: LedgerKey;
  readonly clock: Clock;
  /** Asked before each lease and each batch. */
  readonly mayLead: () => boolean;
  /** Entries for one SM3 anchor, at least 2; 1,024 unless given. */
  readonly anchorEvery?: number;
  /** Called after the batch's commit was confirmed, never before. */
  readonly onSequenced: (batch: Batch) => void;
  /** The head is behind what this process committed: nothing more may be signed. */
  readonly onSetBack: (why: string) => void;
  readonly onError: (error: unknown) => void;
  /** How long the database may leave a batch without an answer; 20 seconds unless given. */
  readonly silentMs?: number;
}

/** A server that stands still comes back within it, seen from here; one that vanished says nothing for ever. */
const SILENT_MS = 20_000;
const BATCH_LIMIT = 512;
const RENEW_MS = 1000;
/** How often an idle sequencer looks for rows that other processes, or a process now dead, left. */
const IDLE_MS = 50;
const FOLLOW_MS = 250;

/** The connection that holds the lease. */
interface Lead {
  readonly client: SequencerConnection;
  readonly epoch: number;
  readonly cut: () => void;
}

export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #holder = randomUUID();
  readonly #poison = new Set<number>();
  readonly #shared = new SharedWork();
  readonly #ended: Promise<void>;
  /** What this process committed last. */
  #committed: { readonly size: number; readonly root: Buffer } | undefined;
  #closed = false;
  #leading = false;
  #kicked = false;
  #wake: (() => void) | undefined;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  get leading(): boolean {
    return this.#leading;
  }

  /** Says that rows wait; costs nothing while a batch is under way. */
  kick(): void {
    this.#kicked = true;
    if (this.#leading) this.#wake?.();
  }

  /** Runs `work` in the next batch's transaction. Throws NotShared: it is to be done in another one. */
  share<T>(work: LoggedWork<T>): Promise<T> {
    if (!this.#leading) throw new NotShared('this process does not sequence');
    const done = this.#shared.add(work);
    this.kick();
    return done;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        const epoch = this.#options.mayLead()
          ? await takeLease(this.#options.database, this.#holder)
          : undefined;
        if (epoch !== undefined)
          await this.#options.database.connection((client, cut) => this.#lead({ client, epoch, cut }));
      } catch (error) {
        // A COMMIT whose answer was lost ends here too: the next batch starts from what the head then says, and
        // the waiters find their entries by key.
        this.#options.onError(error);
      }
      if (!this.#closed) await this.#pause(FOLLOW_MS);
    }
  }

  async #lead(lead: Lead): Promise<void> {
    const { client, epoch } = lead;
    // While it is checked out nobody else listens, and an unheard error event would end the process.
    const onError = (error: Error): void => this.#options.onError(error);
    client.on('error', onError);
    this.#leading = true;
    try {
      await this.#sequence(lead);
      // Once quarantined we keep it until it ends by itself: by then every other process has heard why.
      if (this.#closed || this.#options.mayLead()) await this.#heard(lead, releaseLease(client, epoch));
    } finally {
      this.#leading = false;
      this.#shared.declineAll();
      client.off('error', onError);
    }
  }

  async #sequence(lead: Lead): Promise<void> {
    const { client, epoch } = lead;
    let renewed = performance.now();
    while (!this.#closed && this.#options.mayLead()) {
      if (performance.now() - renewed > RENEW_MS) {
        if (!(await this.#heard(lead, renewLease(client, epoch)))) return;
        renewed = performance.now();
      }
      const asked = this.#kicked || this.#shared.size > 0;
      this.#kicked = false;
      const isWanted = asked || (await this.#heard(lead, hasIntake(client)));
      const isFull = isWanted && (await this.#heard(lead, this.#batch(client, epoch)));
      if (!isFull && !this.#isKicked()) await this.#pause(IDLE_MS);
    }
  }

  /** Cuts the connection when the database says nothing: `step` then fails, and what was shared is done elsewhere. */
  async #heard<T>({ cut }: Lead, step: Promise<T>): Promise<T> {
    const timer = setTimeout(cut, this.#options.silentMs ?? SILENT_MS);
    try {
      return await step;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Returns whether there may be more waiting. */
  async #batch(client: SequencerConnection, epoch: number): Promise<boolean> {
    const load = this.#shared.take();
    try {
      const isFull = await this.#write(client, epoch, load);
      load.done();
      return isFull;
    } catch (error) {
      const rolledBack = await client.query('ROLLBACK').then(
        () => true,
        () => false,
      );
      load.decline(error);
      // The shared work may be why: without it the next batch will do.
      if (load.size > 0 && rolledBack && !isGatewayError(error)) return true;
      throw error;
    }
  }

  async #write(client: SequencerConnection, epoch: number, load: SharedLoad): Promise<boolean> {
    const opening = openBatch(client, epoch, BATCH_LIMIT);
    opening.catch(() => undefined);
    // Behind BEGIN on the same connection, in the same round trip.
    const drafts = await load.run(client);
    const { head, rows, pairs } = await opening;
    const input = { head, rows, pairs, drafts };
    this.#demandOurs(head);
    const { origin, key, clock, anchorEvery = ANCHOR_EVERY } = this.#options;
    const anchors = { every: anchorEvery, now: clock(), newId };
    const batch = buildBatch(input, { origin, key, anchors }, (row, error) =>
      this.#reportPoison(row.id, error),
    );
    if (batch.entries.length > 0) {
      failpoint('before-batch-commit');
      await commitBatch(client, batch, anchors.now);
      failpoint('after-batch-commit');
      this.#committed = batch.head;
      this.#options.onSequenced(batch);
    } else {
      if (batch.taken.length > 0) await dropIntake(client, batch.taken);
      await commit(client);
    }
    return batch.taken.length === BATCH_LIMIT || this.#shared.size > 0;
  }

  /** A restore or a fail-over may put another database under a running process: it would be a second history. */
  #demandOurs({ size, root }: { readonly size: number; readonly root: Buffer }): void {
    const ours = this.#committed;
    if (ours === undefined || size > ours.size || (size === ours.size && root.equals(ours.root))) return;
    const why = `this process signed ${ours.size} entries, the database now has ${size} or others: it was set back`;
    this.#options.onSetBack(why);
    throw new GatewayError('ledger.quarantined', why);
  }

  #isKicked(): boolean {
    return this.#kicked;
  }

  #reportPoison(id: number, error: unknown): void {
    if (this.#poison.has(id)) return;
    this.#poison.add(id);
    this.#options.onError(error);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
