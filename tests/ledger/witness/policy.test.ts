import assert from 'node:assert/strict';
import { createWitnessKey } from '../../../src/ledger/notes/cosignature.ts';
import { createLedgerKey } from '../../../src/ledger/notes/note.ts';
import { readPolicy } from '../../../src/ledger/witness/policy.ts';

describe('witness policy', () => {
  const keys = Array.from({ length: 5 }, (_, i) => createWitnessKey(`w${i}.example`).vkey) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const log = createLedgerKey('log.example').vkey;
  const witnesses = keys.map((vkey, i) => `witness w${i} ${vkey}`).join('\n');
  const of = (...at: readonly number[]): Set<string> => new Set(at.map((i) => keys[i] as string));

  it('counts k of n, all, any, groups of groups, and none', () => {
    const two = readPolicy(
      `# the alliance\nlog ${log} https://log.example\n\n${witnesses}\ngroup g 2 w0 w1 w2\nquorum g\n`,
    );
    assert.deepEqual(two.logs, [{ vkey: log, url: 'https://log.example' }]);
    assert.equal(two.witnesses.length, 5);
    assert.deepEqual(
      [of(0), of(0, 3), of(0, 2), of(0, 1, 2)].map((set) => two.isQuorum(set)),
      [false, false, true, true],
    );
    const nested = readPolicy(
      `${witnesses}\ngroup a any w0 w1\ngroup b all w2 w3\ngroup both all a b\nquorum both\n`,
    );
    assert.deepEqual(
      [of(0, 2), of(1, 2, 3), of(2, 3, 4)].map((set) => nested.isQuorum(set)),
      [false, true, false],
    );
    assert.equal(readPolicy(`${witnesses}\nquorum w4\n`).isQuorum(of(4)), true);
    assert.equal(readPolicy('quorum none\n').isQuorum(new Set()), true);
  });

  it('takes 32 of each', () => {
    const many = Array.from({ length: 32 }, (_, i) => createWitnessKey(`m${i}`).vkey);
    const text = many.map((vkey, i) => `witness m${i} ${vkey}\ngroup g${i} any m${i}`).join('\n');
    const policy = readPolicy(`${text}\ngroup q 17 ${many.map((_, i) => `g${i}`).join(' ')}\nquorum q\n`);
    assert.equal(policy.isQuorum(new Set(many.slice(0, 16))), false);
    assert.equal(policy.isQuorum(new Set(many.slice(0, 17))), true);
  });

  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['a forward reference', `group g any w0\n${witnesses}\nquorum g\n`, /line 1: w0 is not defined/],
    ['a witness in two groups', `${witnesses}\ngroup a any w0\ngroup b any w0\nquorum a\n`, /already/],
    ['two quorum lines', `${witnesses}\nquorum w0\nquorum w1\n`, /second quorum/],
    ['no quorum line', witnesses, /no quorum/],
    ['a threshold beyond the group', `${witnesses}\ngroup g 3 w0 w1\nquorum g\n`, /from 1 to 2/],
    ['a threshold of nothing', `${witnesses}\ngroup g 0 w0 w1\nquorum g\n`, /from 1 to 2/],
    ['one name twice', `${witnesses}\ngroup w0 any w1\nquorum w0\n`, /taken/],
    ['one key under two names', `${witnesses}\nwitness again ${keys[0]}\nquorum w0\n`, /listed twice/],
    ['the reserved name', `witness none ${keys[0]}\nquorum none\n`, /reserved/],
    ['the key of a log as witness', `witness w ${log}\nquorum w\n`, /expected the key of a cosigner/],
    ['a keyword nobody knows', 'mirror m\nquorum none\n', /unknown keyword/],
  ];
  for (const [what, text, message] of bad) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readPolicy(text), { code: 'config.invalid', message });
    });
  }
});
