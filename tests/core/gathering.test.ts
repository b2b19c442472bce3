import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gathering } from '../../src/core/gathering.ts';

describe('gathering', () => {
  function gather(work: (items: readonly number[]) => Promise<readonly (string | Promise<string>)[]>) {
    const seen: (readonly number[])[] = [];
    const gathering = new Gathering<number, string>({
      take: (waiting) => Math.min(waiting.length, 3),
      work: (items) => {
        seen.push(items);
        return work(items);
      },
    });
    return { gathering, seen };
  }

  it('takes what came meanwhile together, in order, and no more than it is told', async () => {
    const { gathering, seen } = gather(async (items) => {
      await sleep(5);
      return items.map(String);
    });
    const results = await Promise.all([1, 2, 3, 4, 5].map((item) => gathering.add(item)));
    assert.deepEqual(results, ['1', '2', '3', '4', '5']);
    assert.deepEqual(seen, [[1], [2, 3, 4], [5]]);
    await gathering.settled();
  });

  it('fails those that went together, and goes on with the next', async () => {
    const { gathering } = gather(async (items) => {
      if (items.includes(2)) throw new Error('bad');
      return items.map(String);
    });
    const settled = await Promise.allSettled([1, 2, 3, 4, 5].map((item) => gathering.add(item)));
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled'],
    );
  });

  it('lets one item fail alone', async () => {
    const { gathering } = gather(async (items) =>
      items.map((item) => (item === 2 ? Promise.reject(new Error('bad')) : String(item))),
    );
    const settled = await Promise.allSettled([1, 2, 3].map((item) => gathering.add(item)));
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });
});
