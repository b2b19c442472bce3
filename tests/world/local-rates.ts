/** A rate limiter for planes that a test opens without a database: the bucket that gateways fall back to. */
import { performance } from 'node:perf_hooks';
import { LocalBucket } from '../../src/federation/rates/rate.ts';
import type { RateLimiter } from '../../src/federation/rates/rate-limiter.ts';

export function localRates(): RateLimiter {
  const buckets = new Map<string, LocalBucket>();
  return {
    take: (name, rate) => {
      const now = performance.now();
      const bucket = buckets.get(name) ?? new LocalBucket(rate, now);
      buckets.set(name, bucket);
      return Promise.resolve(bucket.take(now) ? undefined : 1000);
    },
    close: () => undefined,
  };
}
