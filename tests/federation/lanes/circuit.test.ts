import assert from 'node:assert/strict';
import { createCircuit, type Circuit } from '../../../src/federation/lanes/circuit.ts';

describe('circuit', () => {
  const at = (ms: number): Date => new Date(1e12 + ms);
  const opened = (): Circuit => {
    const circuit = createCircuit(at(-5000));
    for (let failure = 0; failure < 5; failure += 1) circuit.failed(at(0), 'exchange.peer-unreachable');
    return circuit;
  };

  it('opens after five failures, lets one call try after a pause, and closes on success', () => {
    const circuit = createCircuit(at(0));
    for (let failure = 0; failure < 4; failure += 1) circuit.failed(at(0), 'x.y');
    assert.equal(circuit.allowance(at(0), 4), 4);
    circuit.failed(at(0), 'x.y');
    assert.equal(circuit.allowance(at(999), 4), 0);
    assert.equal(circuit.allowance(at(1000), 4), 1);
    circuit.failed(at(1000), 'x.y');
    assert.equal(circuit.allowance(at(2999), 4), 0);
    assert.equal(circuit.succeeded(at(2999)), true);
    assert.equal(circuit.succeeded(at(2999)), false);
    assert.equal(circuit.allowance(at(2999), 4), 4);
  });

  it('says what state it is in, since when, and why', () => {
    const circuit = opened();
    assert.deepEqual(circuit.state(at(10)), {
      ...{ state: 'open', since: at(0), failures: 5, code: 'exchange.peer-unreachable' },
      probeAt: at(1000),
    });
    assert.equal(circuit.state(at(1000)).state, 'half-open');
    circuit.succeeded(at(1500));
    assert.deepEqual(circuit.state(at(1600)), { state: 'closed', since: at(1500), failures: 0 });
  });

  it('ends its pause when the peer is heard, yet never probes more than once a second', () => {
    const circuit = opened();
    for (const ms of [1000, 3000, 7000, 15_000]) circuit.failed(at(ms), 'x.y');
    assert.equal(circuit.allowance(at(30_000), 4), 0);
    circuit.wake(at(15_100));
    assert.equal(circuit.allowance(at(15_100), 4), 0);
    assert.equal(circuit.allowance(at(16_000), 4), 1);
  });

  it('takes calls that were under way when it opened for no probes', () => {
    const circuit = opened();
    for (let late = 1; late < 4; late += 1) circuit.failed(at(late), 'x.y');
    assert.equal(circuit.allowance(at(1000), 4), 1);
  });
});
