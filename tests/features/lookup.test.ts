import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { lookupOf } from '../../src/features/lookup.ts';

describe('the lookup of a value', () => {
  it('is the first half of HMAC-SHA256 over type, zero byte and value', () => {
    const keys = [randomBytes(32), randomBytes(32), randomBytes(64), randomBytes(1)];
    const text = fc.string({ unit: 'grapheme', maxLength: 300 });
    fc.assert(
      fc.property(fc.constantFrom(...keys), text, text, (key, type, value) => {
        const expected = createHmac('sha256', key).update(`${type}\0${value}`, 'utf8').digest('hex');
        assert.equal(lookupOf(key, type, value), expected.slice(0, 32));
      }),
    );
  });
});
