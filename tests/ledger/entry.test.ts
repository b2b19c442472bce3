import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { canonicalJson } from '../../src/core/canonical.ts';
import { checkDraft, completeEntry, ZERO_HASH, type EntryDraft } from '../../src/ledger/entry.ts';
import { isCanonicalEntry, readEntry } from '../../src/ledger/entry-grammar.ts';
import { draft, offer } from './drafts.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/ledger-entry.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ strict: false }).compile(schema);

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const member = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,10}$/);
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const size = fc.nat();
const drafts: fc.Arbitrary<EntryDraft> = fc.record(
  {
    id: fc.uuid({ version: 7 }),
    at: fc.constant('2026-11-23T02:28:00.000Z'),
    kind: fc.stringMatching(/^[a-z][a-z.-]{1,20}$/),
    member,
    basis: fc.array(text, { maxLength: 3 }),
    registry: fc.record({ serial: size, sha256: hex }),
    subject: fc.record(
      { type: text, id: text, sha256: hex, sm3: hex, size },
      { requiredKeys: ['type', 'id'] },
    ),
    actor: text,
    peer: member,
    group: text,
    purpose: text,
    grant: text,
    token: hex,
    pair: fc.record({ peer: member, dir: fc.constantFrom('in' as const, 'out' as const) }),
    mid: fc.uuid(),
    counter: fc.record(
      { origin: text, index: size, leaf: hex, size, root: hex },
      { requiredKeys: ['origin', 'index', 'leaf'] },
    ),
    commitments: fc.record({ root: hex, count: size }),
    code: text,
    count: size,
  },
  { requiredKeys: ['id', 'at', 'kind', 'member', 'basis', 'registry', 'subject', 'actor'] },
);
const place = { seq: 7, prev: 'cd'.repeat(32), pair: { n: 3, prev: 'ef'.repeat(32) } };

describe('ledger entry', () => {
  it('is canonical JSON whatever the draft, reads back and fits its schema', () => {
    fc.assert(
      fc.property(drafts, (value) => {
        const entry = completeEntry(value, place);
        const parsed = JSON.parse(entry) as Record<string, unknown>;
        assert.equal(entry, canonicalJson(parsed));
        assert.ok(validate(parsed), JSON.stringify(validate.errors));
        const fields = readEntry(Buffer.from(entry).toString('latin1'));
        assert.equal(fields?.seq, 7);
        assert.equal(fields.prev, place.prev);
        assert.equal(fields.mid, value.mid);
        assert.equal(fields.pair?.n, value.pair && 3);
        assert.equal(fields.pair?.peer, value.pair?.peer);
        assert.equal(fields.counter?.index, value.counter?.index);
        assert.equal(fields.counter?.root, value.counter?.root);
        assert.equal(fields.registry.sha256, value.registry.sha256);
      }),
      { numRuns: 200 },
    );
  });

  it('has one spelling: any other is no entry', () => {
    const good = completeEntry(offer('bank-b'), place);
    assert.ok(isCanonicalEntry(good));
    const bad = [
      ` ${good}`,
      `${good}\n`,
      good.replace('"v":1', '"v":1.0'),
      good.replace('"seq":7', '"seq":07'),
      good.replace('"seq":7', '"seq":7e0'),
      good.replace('"seq":7', '"seq":-7'),
      good.replace('"seq":7', '"seq": 7'),
      good.replace('"seq":7', '"seq":7,"seq":7'),
      good.replace('"v":1', '"v":1,"w":1'),
      good.replace('"actor":"system"', '"actor":"\\u0073ystem"'),
      good.replace('"actor":"system"', '"actor":"system\\/"'),
      good.replace('"actor":"system"', '"actor":"\\ud800"'),
      good.replace('"actor":"system"', '"actor":"\\u001F"'),
      good.replace('"actor":"system"', '"actor":"\u0001"'),
      good.replace('"actor":"system",', '').replace('"v":1', '"v":1,"actor":"system"'),
      good.replace('"dir":"out"', '"dir":"up"'),
      good.toUpperCase(),
    ];
    for (const text of bad) assert.ok(!isCanonicalEntry(text), text);
  });

  it('refuses a draft that no reader would take', () => {
    const bad: Partial<EntryDraft>[] = [
      { actor: 'lone \ud800 surrogate' },
      { member: 'Bank A' },
      { kind: '' },
      { at: '2026-11-23T02:28:00Z' },
      { subject: { type: 't', id: 'i', size: 1.5 } },
      { subject: { type: 't', id: 'i', size: -1 } },
      { registry: { serial: 1, sha256: 'AB'.repeat(32) } },
      { counter: { origin: 'o', index: 2 ** 53, leaf: ZERO_HASH } },
    ];
    for (const overrides of bad) {
      assert.throws(
        () => checkDraft(draft(overrides)),
        { code: 'ledger.entry-invalid' },
        JSON.stringify(overrides),
      );
    }
  });

  it('refuses an entry over 8 KiB', () => {
    assert.throws(() => checkDraft(draft({ actor: '长'.repeat(3000) })), { code: 'ledger.entry-too-large' });
  });

  it('judges a hostile entry in linear time', () => {
    const started = performance.now();
    const hostile = `{"actor":"${'\\n'.repeat(30_000)}x`;
    for (let i = 0; i < 10; i++) assert.ok(!isCanonicalEntry(hostile));
    assert.ok(performance.now() - started < 1000);
  });
});
