/** How fast one address may open connections: a handshake costs us two signatures' worth of a core. */
import { performance } from 'node:perf_hooks';

const BURST = 4;
const MAX_ADDRESSES = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

export class AddressPace {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  admits(address: string, now = performance.now()): boolean {
    const burst = this.#perSecond * BURST;
    const bucket = this.#buckets.get(address) ?? this.#fresh(address, { tokens: burst, at: now });
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * this.#perSecond) / 1000);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Who made us shake hands in vain pays more than for one connection; at worst it waits as long as its burst takes. */
  charge(address: string, tokens: number): void {
    const bucket = this.#buckets.get(address);
    if (bucket !== undefined) bucket.tokens = Math.max(-this.#perSecond * BURST, bucket.tokens - tokens);
  }

  /** Addresses are a stranger's to choose: the oldest is forgotten, and starts anew with a full bucket. */
  #fresh(address: string, bucket: Bucket): Bucket {
    if (this.#buckets.size >= MAX_ADDRESSES) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    this.#buckets.set(address, bucket);
    return bucket;
  }
}
