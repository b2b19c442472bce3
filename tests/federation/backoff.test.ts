import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createCircuit, retryDelay } from '../../src/federation/messages/backoff.ts';

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

describe('circuit', () => {
  it('opens after five failures, lets one call try after a pause, and closes on success', () => {
    const circuit = createCircuit();
    const at = (ms: number): Date => new Date(1e12 + ms);
    for (let failure = 0; failure < 4; failure += 1) circuit.failed(at(0));
    assert.equal(circuit.allowance(at(0), 4), 4);
    circuit.failed(at(0));
    assert.equal(circuit.allowance(at(999), 4), 0);
    assert.equal(circuit.allowance(at(1000), 4), 1);
    circuit.failed(at(1000));
    assert.equal(circuit.allowance(at(2999), 4), 0);
    circuit.succeeded();
    assert.equal(circuit.allowance(at(2999), 4), 4);
  });
});
