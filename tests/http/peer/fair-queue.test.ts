import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { FairQueue, type Place } from '../../../src/http/peer/fair-queue.ts';

const limits = {
  concurrency: 2,
  memberConcurrency: 2,
  queuePerMember: 8,
  queueWaitMs: 1000,
  bodyBytesInFlight: 1 << 20,
};

/** Fills the queue's places, lets `order` wait, and tells in which order they are admitted, one at a time. */
async function admitted(queue: FairQueue, order: readonly (readonly [string, number])[]): Promise<string[]> {
  const filler = [queue.enter({ member: 'filler', bytes: 0 }), queue.enter({ member: 'filler', bytes: 0 })];
  const seen: string[] = [];
  const done = order.map(async ([member, bytes]) => {
    const place = await queue.enter({ member, bytes });
    seen.push(member);
    await turn();
    place.leave();
  });
  await turn();
  (await filler[0])?.leave();
  await Promise.all(done);
  (await filler[1])?.leave();
  return seen;
}

describe('fair queue', () => {
  it('admits at once while places are free', () => {
    const place = new FairQueue(limits).enter({ member: 'a', bytes: 10 });
    assert.ok(!(place instanceof Promise), 'it waited');
  });

  it('lets members take turns, however many requests one of them has waiting', async () => {
    const many = Array.from({ length: 6 }, () => ['greedy', 100] as const);
    const seen = await admitted(new FairQueue(limits), [...many, ['honest', 100], ['other', 100]]);
    assert.deepEqual(seen.slice(0, 3).sort(), ['greedy', 'honest', 'other']);
    assert.equal(seen.length, 8);
  });

  it('weighs turns by bytes', async () => {
    const large = Array.from({ length: 4 }, () => ['large', 40_000] as const);
    const small = Array.from({ length: 6 }, () => ['small', 100] as const);
    const seen = await admitted(new FairQueue(limits), [...large, ...small]);
    assert.ok(seen.indexOf('large', seen.indexOf('large') + 1) > 5, seen.join(' '));
  });

  it('refuses when the line of a member is full, and leaves the lines of others open', async () => {
    const queue = new FairQueue({ ...limits, queuePerMember: 1, queueWaitMs: 50 });
    for (let n = 0; n < 2; n += 1) void queue.enter({ member: 'a', bytes: 0 });
    const first = queue.enter({ member: 'a', bytes: 0 });
    assert.throws(() => queue.enter({ member: 'a', bytes: 0 }), { code: 'exchange.overloaded' });
    const other = queue.enter({ member: 'b', bytes: 0 });
    await assert.rejects(Promise.resolve(first), { code: 'exchange.overloaded' });
    await assert.rejects(Promise.resolve(other), { code: 'exchange.overloaded' });
    assert.equal(queue.waiting, 0);
  });

  it('keeps places for others that a member may not take', async () => {
    const queue = new FairQueue({ ...limits, memberConcurrency: 1, queueWaitMs: 50 });
    void queue.enter({ member: 'a', bytes: 0 });
    const second = Promise.resolve(queue.enter({ member: 'a', bytes: 0 }));
    second.catch(() => undefined);
    const other = await Promise.race([queue.enter({ member: 'b', bytes: 0 }), second]);
    other.leave();
    await assert.rejects(second, { code: 'exchange.overloaded' });
  });

  it('lends a place while bytes are awaited, and gives each place back once only', async () => {
    const queue = new FairQueue({ ...limits, concurrency: 1, memberConcurrency: 1, queueWaitMs: 50 });
    const slow = queue.enter({ member: 'a', bytes: 0 }) as Place;
    slow.lend();
    const quick = queue.enter({ member: 'b', bytes: 0 }) as Place;
    slow.takeBack();
    for (const place of [quick, quick, slow, slow]) place.leave();
    const next = queue.enter({ member: 'a', bytes: 0 });
    assert.ok(!(next instanceof Promise), 'a place got lost');
    await assert.rejects(Promise.resolve(queue.enter({ member: 'b', bytes: 0 })), {
      code: 'exchange.overloaded',
    });
  });

  it('holds announced bytes down, even of places that are lent', async () => {
    const queue = new FairQueue({ ...limits, concurrency: 8, bodyBytesInFlight: 1000, queueWaitMs: 50 });
    const large = queue.enter({ member: 'a', bytes: 800 }) as Place;
    large.lend();
    const waiting = queue.enter({ member: 'b', bytes: 400 });
    large.leave();
    (await waiting).leave();
    assert.equal(queue.waiting, 0);
  });
});
