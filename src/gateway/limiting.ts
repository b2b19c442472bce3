/** What the limits of a gateway share: its token buckets, and the counter of what they met. */
import { Counter, type Registry } from 'prom-client';
import type { GatewayConfig } from '../config.ts';
import { rateBuckets } from '../federation/rates/rate-bucket-store.ts';
import { createRateLimiter, type RateLimiter } from '../federation/rates/rate-limiter.ts';
import type { Database } from '../storage/database.ts';

type OnLimit = (limit: string, member?: string) => void;

/** `database`: a pool with `synchronousCommit: 'off'`. */
export function openRates(config: GatewayConfig, database: Database, onLimit: OnLimit): RateLimiter {
  const { fallbackShare } = config.peer.limits ?? {};
  return createRateLimiter({
    buckets: rateBuckets(database),
    ...(fallbackShare === undefined ? {} : { fallbackShare }),
    onFallback: () => onLimit('rates-local'),
  });
}

/** How often each limit was met; `member` is empty where nobody is known yet. */
export function limitCounter(registry: Registry): OnLimit {
  const counter = new Counter({
    name: 'lianzheng_limit_met_total',
    help: 'Connections and requests that a limit turned away, cut or delayed',
    labelNames: ['limit', 'member'],
    registers: [registry],
  });
  return (limit, member = '') => counter.inc({ limit, member });
}
