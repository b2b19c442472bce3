import assert from 'node:assert/strict';
import { newId, newNonce, UUID_V7 } from '../../src/core/ids.ts';

/** Many pages of random bytes, many ids in one millisecond. */
const MANY = 20_000;

describe('ids', () => {
  it('are UUIDv7 of now, each once, in ascending order', () => {
    const before = Date.now();
    const ids = Array.from({ length: MANY }, () => newId());
    for (const id of ids) assert.match(id, UUID_V7);
    assert.equal(new Set(ids).size, MANY);
    assert.deepEqual([...ids].sort(), ids);
    const at = Number.parseInt(ids[0]!.replace('-', '').slice(0, 12), 16);
    assert.ok(at >= before - 1 && at <= Date.now(), `the first is of ${at}, made after ${before}`);
  });

  it('have nonces of 128 bits, each once', () => {
    const nonces = Array.from({ length: MANY }, () => newNonce());
    for (const nonce of nonces) assert.match(nonce, /^[A-Za-z0-9_-]{22}$/);
    assert.equal(new Set(nonces).size, MANY);
  });
});
