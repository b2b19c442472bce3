/** Token buckets: how fast they fill, and the local ones that stand in while PostgreSQL is slow or away. */

export interface Rate {
  readonly perSecond: number;
  /** Most tokens that an idle caller saves up. */
  readonly burst: number;
}

/** A process leases tokens for about a tenth of a second at once: at most some ten statements a second and bucket. */
export function chunkOf({ perSecond, burst }: Rate): number {
  return Math.max(1, Math.min(Math.floor(burst), Math.ceil(perSecond / 10)));
}

/** Milliseconds until a bucket that is empty now can fill a chunk, at least one token. */
export function refillMs(rate: Rate): number {
  return Math.ceil((chunkOf(rate) * 1000) / rate.perSecond);
}

/** The part of a rate that one process may spend while it can't ask the others. */
export function shareOf({ perSecond, burst }: Rate, share: number): Rate {
  return { perSecond: perSecond * share, burst: Math.max(1, burst * share) };
}

/** A bucket in memory. Times in milliseconds of a clock that never steps back. */
export class LocalBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  take(now: number): boolean {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
