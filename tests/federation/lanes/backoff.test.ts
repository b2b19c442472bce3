import assert from 'node:assert/strict';
import fc from 'fast-check';
import { retryDelay } from '../../../src/federation/lanes/backoff.ts';

describe('backoff', () => {
  it('grows, never leaves its bounds, and spreads by half', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempts, random) => {
          const delay = retryDelay(attempts, random);
          assert.ok(delay >= 250 && delay <= 300_000);
          assert.ok(retryDelay(attempts + 1, random) >= delay);
        },
      ),
    );
    assert.deepEqual(
      [1, 2, 3].map((attempts) => retryDelay(attempts, 0)),
      [500, 1000, 2000],
    );
  });
});
