/** The delivery worker: lanes to each peer that claim, send and close what is due. */
import type { MemberId } from '../core/ids.ts';
import { failpoint } from '../core/failpoint.ts';
import { createCircuit, retryDelay, type Circuit } from './messages/backoff.ts';
import { closeWith, expireDeliveries } from './messages/close-delivery.ts';
import { attemptDelivery, type AttemptOutcome, type DeliveryDeps } from './messages/deliver-message.ts';
import {
  anyOpenDelivery,
  claimDelivery,
  dueRecipients,
  postponeDelivery,
  type ClaimedDelivery,
} from './delivery-store.ts';

export interface DeliveryWorker {
  /** Something may be due: looks now instead of at the next poll. */
  kick(): void;
  /** Lets running calls end for a few seconds, then aborts them; their rows are reconciled by the next start. */
  close(): Promise<void>;
  /** Resolves when every delivery is closed and its closing durable. */
  idle(): Promise<void>;
}

/** One peer's calls. */
interface Lane {
  readonly peer: MemberId;
  readonly circuit: Circuit;
  running: number;
}

const CALLS_PER_PEER = 4;
const POLL_MS = 500;
const OFFER_WAIT_MS = 25;
const LEASE_MS = 90_000;
const GRACE_MS = 5_000;
const IDLE_POLL_MS = 25;

export function startDelivery(deps: DeliveryDeps): DeliveryWorker {
  return new Worker(deps);
}

class Worker implements DeliveryWorker {
  readonly #deps: DeliveryDeps;
  readonly #lanes = new Map<MemberId, Lane>();
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  readonly #poll: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #closing = false;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#poll = setInterval(() => this.#pollOnce(), POLL_MS).unref();
    this.kick();
  }

  kick(): void {
    if (this.#closing) return;
    this.#again = true;
    this.#looking ??= this.#lookWhileAsked();
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#poll);
    clearTimeout(this.#soon);
    const abort = setTimeout(() => this.#abort.abort(), GRACE_MS);
    await this.#looking;
    while (this.#running.size > 0) await Promise.all(this.#running);
    clearTimeout(abort);
  }

  async idle(): Promise<void> {
    while (!this.#closing && ((await anyOpenDelivery(this.#deps.database)) || this.#running.size > 0)) {
      await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
    }
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#again && !this.#closing) {
      this.#again = false;
      await this.#look().catch((error: unknown) => this.#deps.onError?.(error));
    }
    this.#looking = undefined;
  }

  #pollOnce(): void {
    this.kick();
    this.#track(this.#expire());
  }

  async #expire(): Promise<void> {
    for (const key of await expireDeliveries(this.#deps)) this.#settle(key);
  }

  async #look(): Promise<void> {
    const { database, registry, member, clock } = this.#deps;
    const { members } = registry.current().body;
    const peers = members.map(({ id }) => id).filter((id) => id !== member);
    for (const peer of await dueRecipients(database, peers, clock())) this.#startLane(this.#lane(peer));
  }

  #lane(peer: MemberId): Lane {
    const known = this.#lanes.get(peer);
    if (known !== undefined) return known;
    const lane = { peer, circuit: createCircuit(), running: 0 };
    this.#lanes.set(peer, lane);
    return lane;
  }

  #startLane(lane: Lane): void {
    while (lane.running < lane.circuit.allowance(this.#deps.clock(), CALLS_PER_PEER)) {
      lane.running += 1;
      this.#track(
        this.#run(lane).finally(() => {
          lane.running -= 1;
        }),
      );
    }
  }

  async #run(lane: Lane): Promise<void> {
    let claimed = 0;
    while (!this.#closing && lane.running <= lane.circuit.allowance(this.#deps.clock(), CALLS_PER_PEER)) {
      const delivery = await this.#claim(lane.peer);
      if (delivery === undefined) break;
      claimed += 1;
      await this.#deliver(lane, delivery);
    }
    if (claimed === 0) this.#lookSoon();
  }

  #claim(peer: MemberId): Promise<ClaimedDelivery | undefined> {
    const now = this.#deps.clock();
    return claimDelivery(this.#deps.database, peer, { now, until: new Date(now.getTime() + LEASE_MS) });
  }

  async #deliver(lane: Lane, delivery: ClaimedDelivery): Promise<void> {
    failpoint('sender-after-claim');
    const outcome = await attemptDelivery(this.#deps, delivery, this.#abort.signal);
    failpoint('sender-after-receipt-before-ack');
    const now = this.#deps.clock();
    if (outcome.kind === 'retry' && outcome.peerDown) lane.circuit.failed(now);
    else lane.circuit.succeeded();
    if (outcome.kind !== 'retry') return this.#close(delivery, outcome);
    const dueAt = new Date(now.getTime() + retryDelay(delivery.attempts, Math.random()));
    const { code, outcomeUnknown } = outcome;
    const unknown = outcomeUnknown || delivery.outcomeUnknown;
    await postponeDelivery(this.#deps.database, delivery.mid, { dueAt, code, outcomeUnknown: unknown });
  }

  async #close(
    delivery: ClaimedDelivery,
    outcome: Exclude<AttemptOutcome, { kind: 'retry' }>,
  ): Promise<void> {
    const key = await closeWith(this.#deps, delivery, outcome);
    failpoint('sender-after-ack-before-settle');
    if (key === undefined) return;
    const { mid, envelopeId, kind, recipient } = delivery;
    this.#settle(key, () => {
      if (outcome.kind !== 'accepted') return;
      this.#deps.onAcknowledged?.({ mid, envelopeId, kind, recipient, body: outcome.body });
    });
  }

  /** The lane goes on meanwhile: only idle() and close() wait for the ledger. */
  #settle(key: Buffer, then?: () => void): void {
    this.#track(this.#deps.ledger.settle(key).then(then));
  }

  /** The offer of what is due is not durable yet, or another process is at it. */
  #lookSoon(): void {
    if (this.#closing) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.kick();
    }, OFFER_WAIT_MS).unref();
  }

  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) => this.#deps.onError?.(error))
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }
}
