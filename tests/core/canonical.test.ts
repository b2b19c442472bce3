import assert from 'node:assert/strict';
import { canonicalBytes, isCanonical, type JsonValue } from '../../src/core/canonical.ts';

const judged = (text: string): boolean => isCanonical(JSON.parse(text) as JsonValue, Buffer.from(text));

describe('isCanonical', () => {
  for (const text of [
    '{}',
    '[]',
    '{"a":1,"b":[{"c":null,"d":"\\n"}]}',
    '{"10":0,"9":1}',
    '{"A":1,"a":2,"é":3,"😀":4,"ﬁ":5}',
    '{"n":1e+21,"o":1e-7,"p":0,"q":-1.5}',
    '"联证"',
  ]) {
    it(`is true of ${text}`, () => {
      assert.ok(canonicalBytes(JSON.parse(text)).equals(Buffer.from(text)), 'the library agrees');
      assert.equal(judged(text), true);
    });
  }

  for (const [why, text] of [
    ['members out of order', '{"b":1,"a":2}'],
    ['members of an inner object out of order', '{"a":[{"c":1,"b":2}]}'],
    ['members in the order of numbers', '{"9":1,"10":0}'],
    ['members in the order of code points', '{"a":1,"ﬁ":2,"😀":3}'],
    ['a space', '{"a": 1}'],
    ['an escape that is not needed', '{"a":"\\u0062"}'],
    ['an escape in capitals', '{"a":"\\u001F"}'],
    ['a number in another form', '{"a":1.0}'],
    ['negative zero', '{"a":-0}'],
    ['a large number written out', '{"a":1000000000000000000000}'],
    ['a member given twice', '{"a":1,"a":1}'],
    ['a line end', '{"a":1}\n'],
  ] as const) {
    it(`is false of ${why}`, () => {
      assert.ok(!canonicalBytes(JSON.parse(text)).equals(Buffer.from(text)), 'the library agrees');
      assert.equal(judged(text), false);
    });
  }

  it('agrees with the library on two thousand random values, ordered or not', () => {
    let ordered = 0;
    for (let seed = 1; seed <= 2000; seed += 1) {
      const text = JSON.stringify(randomValue(random(seed), 0));
      const expected = canonicalBytes(JSON.parse(text)).equals(Buffer.from(text));
      if (expected) ordered += 1;
      assert.equal(judged(text), expected, `seed ${seed}: ${text}`);
    }
    assert.ok(ordered > 200 && ordered < 1800, `${ordered} of 2000 were canonical`);
  });
});

/** mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS = [
  'a',
  'b',
  'Z',
  '1',
  '10',
  '9',
  '02',
  'é',
  '😀',
  'ﬁ',
  '联',
  '"',
  '\\',
  '\u001f',
  '',
  'constructor',
];

function randomValue(next: () => number, depth: number): JsonValue {
  const kind = depth === 0 ? 5 : Math.floor(next() * (depth > 3 ? 4 : 6));
  const word = (): string => WORDS[Math.floor(next() * WORDS.length)] as string;
  if (kind === 0) return null;
  if (kind === 1) return next() < 0.5;
  if (kind === 2)
    return next() < 0.5 ? Math.floor(next() * 1e6) : (next() - 0.5) * 10 ** Math.floor(next() * 40 - 20);
  if (kind === 3) return word();
  const size = depth === 0 ? 3 : Math.floor(next() * 4);
  if (kind === 4) return Array.from({ length: size }, () => randomValue(next, depth + 1));
  return Object.fromEntries(Array.from({ length: size }, () => [word(), randomValue(next, depth + 1)]));
}
