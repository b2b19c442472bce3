/** Deliveries that this process is at, each under a lease; what a dying database left claimed is given back. */
import type { Clock } from '../../core/clock.ts';
import type { MemberId } from '../../core/ids.ts';
import type { Database } from '../../storage/database.ts';
import { claimDelivery, type ClaimedDelivery } from '../delivery/delivery-store.ts';
import { endLease } from './lease-store.ts';

const LEASE_MS = 90_000;
/** Should something else than the database be why, the peer is not asked the same every moment. */
const PAUSE_MS = 5_000;

interface Lost {
  readonly recipient: MemberId;
  /** When the lease ends: the claim is known by it, where the answer to it was lost. */
  readonly until: Date;
}

export class Claims {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #held = new Set<string>();
  #lost: readonly Lost[] = [];

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Returns false when nothing of the peer is due. What `act` throws leaves the row claimed: the database did not answer. */
  async work(recipient: MemberId, act: (delivery: ClaimedDelivery) => Promise<void>): Promise<boolean> {
    const now = this.#clock();
    const until = new Date(now.getTime() + LEASE_MS);
    let held: string | undefined;
    try {
      const delivery = await claimDelivery(this.#database, recipient, { now, until });
      if (delivery === undefined) return false;
      held = delivery.mid;
      this.#held.add(held);
      await act(delivery);
      return true;
    } catch (error) {
      this.#lost = [...this.#lost, { recipient, until }];
      throw error;
    } finally {
      if (held !== undefined) this.#held.delete(held);
    }
  }

  /** Frees what nobody is at any more, once the database answers again; its outcome stays unknown until it is asked for. */
  async giveBack(): Promise<void> {
    for (const lost of this.#lost) {
      const dueAt = new Date(this.#clock().getTime() + PAUSE_MS);
      await endLease(this.#database, { ...lost, held: [...this.#held], dueAt });
      this.#lost = this.#lost.filter((one) => one !== lost);
    }
  }
}
