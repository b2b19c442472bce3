/** The delivery worker: lanes to each peer that claim, send and close what is due. */
import type { MemberId } from '../../core/ids.ts';
import { failpoint } from '../../core/failpoint.ts';
import { retryDelay } from '../lanes/backoff.ts';
import { closeWith, type FinalOutcome } from '../messages/close-delivery.ts';
import { attemptDelivery, type AttemptOutcome, type DeliveryDeps } from '../messages/deliver-message.ts';
import { endExpired } from '../messages/expire-deliveries.ts';
import { Claims } from '../lanes/claims.ts';
import { endPauses, releaseStranded } from '../lanes/pause-store.ts';
import { Lanes, type Lane, type PeerCircuit } from '../lanes/lanes.ts';
import { anyOpenDelivery, dueRecipients, postponeDelivery, type ClaimedDelivery } from './delivery-store.ts';

export interface DeliveryWorker {
  /** Something may be due: looks now instead of at the next poll. */
  kick(): void;
  /** The peer has called us, so it is up: a pause of its circuit ends. */
  heard(peer: MemberId): void;
  /** Of the peers that something was sent to since the start. */
  circuits(): readonly PeerCircuit[];
  /** Lets running calls end for a few seconds, then aborts them; their rows are reconciled by the next start. */
  close(): Promise<void>;
  /** Resolves when every delivery is closed and its closing durable. */
  idle(): Promise<void>;
}

const CALLS_PER_PEER = 4;
/** Of a peer that is back; only what was tried meanwhile has a pause, one message a probe. */
const PAUSES_ENDED = 64;
const POLL_MS = 500;
const STRANDED_MS = 5_000;
const OFFER_WAIT_MS = 25;
const GRACE_MS = 5_000;
const IDLE_POLL_MS = 25;

export function startDelivery(deps: DeliveryDeps): DeliveryWorker {
  return new Worker(deps);
}

class Worker implements DeliveryWorker {
  readonly #deps: DeliveryDeps;
  readonly #lanes: Lanes;
  readonly #claims: Claims;
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  readonly #timers: readonly NodeJS.Timeout[];
  #soon: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #expiring = false;
  #again = false;
  #closing = false;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#lanes = new Lanes(deps.clock);
    this.#claims = new Claims(deps.database, deps.clock);
    this.#timers = [
      setInterval(() => this.#pollOnce(), POLL_MS).unref(),
      setInterval(() => this.#track(releaseStranded(deps.database)), STRANDED_MS).unref(),
    ];
    this.kick();
  }

  heard(peer: MemberId): void {
    if (!this.#closing && this.#lanes.wake(peer)) this.#track(this.#resume(peer));
  }

  circuits(): readonly PeerCircuit[] {
    return this.#lanes.circuits();
  }

  kick(): void {
    if (this.#closing) return;
    this.#again = true;
    this.#looking ??= this.#lookWhileAsked();
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#timers) clearInterval(timer);
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
    if (this.#expiring) return;
    this.#expiring = true;
    this.#track(this.#expire().finally(() => (this.#expiring = false)));
  }

  async #expire(): Promise<void> {
    const ended = await endExpired(this.#deps, this.#abort.signal);
    for (const { delivery, outcome } of ended) await this.#close(delivery, outcome);
  }

  async #look(): Promise<void> {
    await this.#claims.giveBack();
    const { database, registry, member, clock } = this.#deps;
    const view = registry.current();
    for (const peer of this.#lanes.moved(view)) this.heard(peer);
    const peers = view.body.members.map(({ id }) => id).filter((id) => id !== member);
    for (const peer of await dueRecipients(database, peers, clock())) this.#startLane(this.#lanes.of(peer));
  }

  /** What waits for the peer need not wait out its own pause. */
  async #resume(peer: MemberId): Promise<void> {
    const { database, clock } = this.#deps;
    await endPauses(database, peer, { now: clock(), limit: PAUSES_ENDED });
    this.kick();
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
      const isDone = await this.#claims.work(lane.peer, (delivery) => this.#deliver(lane, delivery));
      if (!isDone) break;
      claimed += 1;
    }
    if (claimed === 0) this.#lookSoon();
  }

  async #deliver(lane: Lane, delivery: ClaimedDelivery): Promise<void> {
    failpoint('sender-after-claim');
    const started = performance.now();
    const outcome = await attemptDelivery(this.#deps, delivery, this.#abort.signal);
    failpoint('sender-after-receipt-before-ack');
    this.#tell(delivery, outcome, started);
    const now = this.#deps.clock();
    if (outcome.kind === 'retry' && outcome.peerDown) lane.circuit.failed(now, outcome.code);
    else if (lane.circuit.succeeded(now)) this.#track(this.#resume(lane.peer));
    if (outcome.kind !== 'retry') return this.#close(delivery, outcome);
    const { code, outcomeUnknown, waitMs = retryDelay(delivery.attempts, Math.random()) } = outcome;
    const dueAt = new Date(now.getTime() + waitMs);
    const unknown = outcomeUnknown || delivery.outcomeUnknown;
    await postponeDelivery(this.#deps.database, delivery.mid, { dueAt, code, outcomeUnknown: unknown });
  }

  #tell({ mid, kind, recipient, attempts }: ClaimedDelivery, outcome: AttemptOutcome, started: number): void {
    this.#deps.onAttempt?.({
      ...{ mid, kind, peer: recipient, attempt: attempts, outcome: outcome.kind },
      code: outcome.kind === 'accepted' ? undefined : outcome.code,
      seconds: (performance.now() - started) / 1000,
    });
  }

  async #close(delivery: ClaimedDelivery, outcome: FinalOutcome): Promise<void> {
    const key = await closeWith(this.#deps, delivery, outcome);
    failpoint('sender-after-ack-before-settle');
    if (key === undefined) return;
    if (outcome.kind === 'expired') this.#deps.onExpired?.(delivery);
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
