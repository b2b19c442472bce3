import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { rateBuckets, type RateBuckets } from '../../src/federation/rates/rate-bucket-store.ts';
import { createRateLimiter, type RateLimiter } from '../../src/federation/rates/rate-limiter.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';

describe('rate limiter', () => {
  let world: TestDatabase;
  const open: RateLimiter[] = [];
  before(async () => {
    world = await createTestDatabase();
  });
  after(async () => {
    for (const limiter of open) limiter.close();
    await world.close();
  });

  /** One process of the gateway. */
  function limiter(buckets: RateBuckets = rateBuckets(world.database), share?: number): RateLimiter {
    const made = createRateLimiter({ buckets, ...(share === undefined ? {} : { fallbackShare: share }) });
    open.push(made);
    return made;
  }
  const granted = async (from: readonly RateLimiter[], bucket: string, rate = SLOW): Promise<number> => {
    const waits = await Promise.all(
      Array.from({ length: 400 }, async (_, n) => from[n % from.length]?.take(bucket, rate)),
    );
    return waits.filter((wait) => wait === undefined).length;
  };
  const SLOW = { perSecond: 1, burst: 50 };

  it('shares one bucket between the processes of a gateway', async () => {
    const count = await granted([limiter(), limiter(), limiter()], 'messages shared');
    assert.ok(count >= 50 && count <= 53, `${count} of a burst of 50`);
  });

  it('keeps buckets of different members apart', async () => {
    const one = limiter();
    await granted([one], 'messages greedy');
    assert.equal(await one.take('messages honest', SLOW), undefined);
  });

  it('tells how long to wait, and lets through again after it', async () => {
    const one = limiter();
    const rate = { perSecond: 20, burst: 20 };
    await granted([one], 'messages waiting', rate);
    const wait = await one.take('messages waiting', rate);
    assert.ok(wait !== undefined && wait > 0 && wait <= 200, `${wait} ms`);
    await sleep(wait + 60);
    assert.equal(await one.take('messages waiting', rate), undefined);
  });

  it('asks PostgreSQL once for many requests, and not at all while it knows the bucket to be empty', async () => {
    const real = rateBuckets(world.database);
    let leases = 0;
    const counted: RateBuckets = { ...real, lease: (order) => ((leases += 1), real.lease(order)) };
    const one = limiter(counted);
    const rate = { perSecond: 1000, burst: 1000 };
    for (let n = 0; n < 500; n += 1) await one.take('messages counted', rate);
    assert.ok(leases >= 5 && leases <= 8, `${leases} leases for 500 requests`);

    await granted([one], 'messages empty');
    leases = 0;
    for (let n = 0; n < 1000; n += 1) await one.take('messages empty', SLOW);
    assert.ok(leases <= 1, `${leases} leases for 1,000 refusals`);
  });

  it('falls back to a share of the rate in this process when PostgreSQL is away or slow', async () => {
    const away: RateBuckets = {
      lease: () => Promise.reject(new Error('gone')),
      purge: () => Promise.resolve(),
    };
    assert.equal(await granted([limiter(away, 0.5)], 'x'), 25);

    const slow: RateBuckets = { lease: () => new Promise(() => undefined), purge: () => Promise.resolve() };
    const begun = Date.now();
    assert.equal(await granted([limiter(slow, 0.2)], 'x'), 10);
    assert.ok(Date.now() - begun < 3000, 'requests waited for a lease that does not come');
  });
});
