/** Asks peers for their registry: all of them every half minute, at once after an adoption, one when it claims a newer one. */
import type { Clock } from '../../../core/clock.ts';
import { isGatewayError } from '../../../core/errors.ts';
import type { MemberId } from '../../../core/ids.ts';
import type { RegistryAlarm } from '../keeping/registry-alarms.ts';
import { askPeer, type AskingDeps } from './ask-peer.ts';
import { freezeOf } from './freeze.ts';

export interface PeerRoundsOptions extends AskingDeps {
  readonly member: MemberId;
  readonly clock: Clock;
  /** Mean time between rounds, a fifth more or less; 0: none, only who claims a newer registry is asked. */
  readonly roundMs?: number;
  /** How long a peer must have shown the same old registry without a living statement; default 61 s. */
  readonly freezeAfterMs?: number;
  readonly onError: (error: unknown, peer: MemberId) => void;
  /** No peer, and no directory, had a statement that counts: told when it begins. */
  readonly onStale?: (error: unknown) => void;
}

export interface PeerRounds {
  /** The peer claims a newer registry: untrusted, so it is asked in the background, and not again at once in vain. */
  hint(peer: MemberId): void;
  /** Asks all peers now. */
  round(): Promise<void>;
  close(): Promise<void>;
}

const ROUND_MS = 25_000;
const SOON_MS = 200;
const CALL_MS = 10_000;
/** As long as a publication may take: a peer that has just come back is behind, not frozen. */
const FREEZE_AFTER_MS = 61_000;
/** More than these are asked in turn, at random: news still reaches everyone within a few rounds. */
const PEERS_A_ROUND = 32;
const AT_ONCE = 4;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

export function startPeerRounds(options: PeerRoundsOptions): PeerRounds {
  return new Rounds(options);
}

class Rounds implements PeerRounds {
  readonly #options: PeerRoundsOptions;
  readonly #stop = new AbortController();
  readonly #running = new Map<MemberId, Promise<void>>();
  readonly #backOff = new Map<MemberId, { readonly failures: number; readonly until: number }>();
  readonly #frozenSince = new Map<MemberId, number>();
  readonly #hinted = new Map<MemberId, NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #stale = false;
  #changed = false;

  constructor(options: PeerRoundsOptions) {
    this.#options = options;
    // Peers that do not have it yet hear of it by our `reg`, within seconds and however many hops away.
    options.registry.onChange(() => {
      this.#changed = true;
      this.#later(SOON_MS);
    });
    this.#later(SOON_MS);
  }

  hint(peer: MemberId): void {
    const wait = (this.#backOff.get(peer)?.until ?? 0) - performance.now();
    if (wait <= 0) return void this.#ask(peer);
    // It may have been asked a moment before it adopted: without this the news would wait for the next round.
    if (this.#hinted.has(peer)) return;
    const later = (): void => {
      this.#hinted.delete(peer);
      void this.#ask(peer);
    };
    this.#hinted.set(peer, setTimeout(later, wait).unref());
  }

  async round(): Promise<void> {
    this.#changed = false;
    const peers = this.#peers();
    const lane = async (): Promise<void> => {
      for (let peer = peers.pop(); peer !== undefined; peer = peers.pop()) await this.#ask(peer);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    this.#tellStale();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    for (const timer of this.#hinted.values()) clearTimeout(timer);
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stop.signal.aborted || this.#options.roundMs === 0) return;
    const jitter = 0.8 + Math.random() * 0.4;
    this.#timer = setTimeout(() => {
      void this.round().finally(() =>
        this.#later(this.#changed ? SOON_MS : (this.#options.roundMs ?? ROUND_MS)),
      );
    }, ms * jitter).unref();
  }

  #peers(): MemberId[] {
    const { registry, member } = this.#options;
    const view = registry.current();
    const others = view.body.members.map(({ id }) => id).filter((id) => id !== member && view.active(id));
    const waiting = (peer: MemberId): boolean => {
      const { failures, until } = this.#backOff.get(peer) ?? { failures: 0, until: 0 };
      return failures > 0 && performance.now() < until;
    };
    return shuffled(others.filter((peer) => !waiting(peer))).slice(0, PEERS_A_ROUND);
  }

  /** One question to a peer at a time; who asks meanwhile gets the same. */
  #ask(peer: MemberId): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    const running = this.#running.get(peer);
    if (running !== undefined) return running;
    const asked = this.#askOnce(peer).finally(() => this.#running.delete(peer));
    this.#running.set(peer, asked);
    return asked;
  }

  async #askOnce(peer: MemberId): Promise<void> {
    const { registry, clock, onError } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(CALL_MS)]);
    const before = registry.current().serial;
    try {
      const head = await askPeer(this.#options, peer, signal);
      await this.#noticeFreeze(peer, freezeOf(head, { peer, current: registry.current(), now: clock() }));
      // Whoever claims more than it can show is asked again later, not at its word.
      if (registry.current().serial > before) this.#backOff.delete(peer);
      else this.#wait(peer, 0);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#wait(peer, (this.#backOff.get(peer)?.failures ?? 0) + 1);
      onError(error, peer);
    }
  }

  async #noticeFreeze(peer: MemberId, freeze: RegistryAlarm | undefined): Promise<void> {
    if (freeze === undefined) return void this.#frozenSince.delete(peer);
    const since = this.#frozenSince.get(peer) ?? performance.now();
    this.#frozenSince.set(peer, since);
    if (performance.now() - since < (this.#options.freezeAfterMs ?? FREEZE_AFTER_MS)) return;
    await this.#options.registry.raise(freeze);
  }

  #wait(peer: MemberId, failures: number): void {
    const ms = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);
    this.#backOff.set(peer, { failures, until: performance.now() + ms });
  }

  #tellStale(): void {
    const { registry, clock, onStale } = this.#options;
    try {
      registry.assertFresh(clock());
      this.#stale = false;
    } catch (error) {
      if (!this.#stale && isGatewayError(error, 'registry.stale')) onStale?.(error);
      this.#stale = true;
    }
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
