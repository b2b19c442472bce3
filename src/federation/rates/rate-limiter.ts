/** Spends leased tokens: a request costs no statement, a chunk of requests costs one. */
import { performance } from 'node:perf_hooks';
import { chunkOf, LocalBucket, refillMs, shareOf, type Rate } from './rate.ts';
import type { RateBuckets } from './rate-bucket-store.ts';

export interface RateLimiter {
  /** Takes one token. Resolves to undefined when there was one, else to milliseconds after which to ask again. */
  take(bucket: string, rate: Rate): Promise<number | undefined>;
  close(): void;
}

export interface RateLimiterOptions {
  readonly buckets: RateBuckets;
  /** Part of each rate that this process allows itself while PostgreSQL does not answer. */
  readonly fallbackShare?: number;
  readonly onFallback?: (error: unknown) => void;
  /** Milliseconds that never step back. */
  readonly now?: () => number;
}

/** What this process holds of one bucket. */
interface Holding {
  readonly rate: Rate;
  tokens: number;
  /** Leased tokens lapse, so that many processes can't hoard bursts. */
  leasedAt: number;
  /** Until then the bucket is known to be empty, and refusals cost no statement. */
  emptyUntil: number;
  leasing: Promise<void> | undefined;
  local: LocalBucket | undefined;
  localUntil: number;
}

const LEASE_MS = 1000;
/** What a request may wait for a lease. */
const ANSWER_MS = 250;
/** How long a process keeps to itself after PostgreSQL failed it. */
const FALLBACK_MS = 5000;
const DEFAULT_SHARE = 0.25;
const PURGE_MS = 3_600_000;
const MAX_HOLDINGS = 10_000;

export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { buckets, now = () => performance.now(), onFallback } = options;
  const holdings = new Map<string, Holding>();
  const timer = setInterval(() => {
    buckets.purge().catch((error: unknown) => onFallback?.(error));
    if (holdings.size > MAX_HOLDINGS) holdings.clear();
  }, PURGE_MS).unref();

  const fallBack = (holding: Holding, error: unknown): void => {
    const at = now();
    if (at >= holding.localUntil) onFallback?.(error);
    holding.local ??= new LocalBucket(shareOf(holding.rate, options.fallbackShare ?? DEFAULT_SHARE), at);
    holding.localUntil = at + FALLBACK_MS;
  };
  const lease = async (bucket: string, holding: Holding): Promise<void> => {
    const late = Symbol('late');
    const order = { bucket, wanted: chunkOf(holding.rate), rate: holding.rate };
    try {
      const granted = await Promise.race([buckets.lease(order), after(ANSWER_MS, late)]);
      if (typeof granted === 'symbol') throw new Error(`no lease of tokens within ${ANSWER_MS} ms`);
      receive(holding, granted, now());
    } catch (error) {
      fallBack(holding, error);
    }
  };
  const renew = (bucket: string, holding: Holding): Promise<void> =>
    (holding.leasing ??= lease(bucket, holding).finally(() => (holding.leasing = undefined)));

  return {
    take: async (bucket, rate) => {
      const holding = holdingOf(holdings, bucket, rate);
      // Ends: each round spends a token, learns that the bucket is empty, or falls back.
      for (;;) {
        const at = now();
        if (at < holding.localUntil) return holding.local?.take(at) === true ? undefined : refillMs(rate);
        if (spend(holding, at)) {
          // Asked for before the last is gone, so that in a steady stream nobody waits.
          if (holding.tokens * 4 < chunkOf(rate) && at >= holding.emptyUntil) void renew(bucket, holding);
          return undefined;
        }
        if (at < holding.emptyUntil) return holding.emptyUntil - at;
        await renew(bucket, holding);
      }
    },
    close: () => clearInterval(timer),
  };
}

function spend(holding: Holding, at: number): boolean {
  if (at - holding.leasedAt > LEASE_MS) holding.tokens = 0;
  if (holding.tokens < 1) return false;
  holding.tokens -= 1;
  return true;
}

function receive(holding: Holding, granted: number, at: number): void {
  holding.local = undefined;
  holding.tokens += granted;
  holding.leasedAt = at;
  const wanted = chunkOf(holding.rate);
  if (granted < wanted) holding.emptyUntil = at + (refillMs(holding.rate) * (wanted - granted)) / wanted;
}

function holdingOf(holdings: Map<string, Holding>, bucket: string, rate: Rate): Holding {
  const known = holdings.get(bucket);
  if (known !== undefined) return known;
  const fresh = { leasedAt: 0, emptyUntil: 0, leasing: undefined, local: undefined, localUntil: 0 };
  const holding: Holding = { rate, tokens: 0, ...fresh };
  holdings.set(bucket, holding);
  return holding;
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, ms, value).unref());
}
