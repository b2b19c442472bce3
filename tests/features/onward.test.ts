import assert from 'node:assert/strict';
import type { Grant } from '../../src/federation/registry/registry-types.ts';
import type { RegistryView } from '../../src/federation/registry/registry-view.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { createGateways, deliver, INDUSTRY, SHARING, withRegistry, type Gateway } from './gateways.ts';

const OTHER = 'industry-2';

/** The insurer gives features to the industry group; these tests ask what the bank may push into another. */
describe('features that came from another member', () => {
  let bank: Gateway;
  let insurer: Gateway;
  let first: RegistryView;
  let values = 0;

  before(async () => {
    [bank, insurer] = (await createGateways(2)) as [Gateway, Gateway];
    first = bank.settings.view;
  });
  after(() => Promise.all([bank.close(), insurer.close()]));
  beforeEach(() => allow('same-purpose'));

  /** A second group of the same members and rights; the rule is that of the grants of the first. */
  function allow(onward: Grant['onward'], change: Partial<Grant> = {}): void {
    const { groups, grants } = first.body;
    const industry = groups.find(({ id }) => id === INDUSTRY)!;
    const ours = grants.filter(({ group }) => group === INDUSTRY);
    bank.settings.view = withRegistry(first, {
      groups: [...groups, { ...industry, id: OTHER }],
      grants: [
        ...grants.map((grant) => (grant.group === INDUSTRY ? { ...grant, onward } : grant)),
        ...ours.map((grant) => ({ ...grant, id: `${grant.id}-2`, group: OTHER, ...change })),
      ],
    });
  }

  async function given(type = 'domain'): Promise<string> {
    const value =
      type === 'domain' ? `given-${(values += 1)}.example.com` : `+8615400000${(values += 1) + 100}`;
    await pushFeatures(insurer.deps, { ...SHARING, lines: [{ type, value }] });
    const { content, sealed } = insurer.sent.at(-1)!;
    const { disclosedOf } = await import('../../src/features/disclosures-store.ts');
    const { disclosures } = await disclosedOf(insurer.deps.database, 'insurer-b', content.id);
    await deliver(bank, content, { ...sealed, ...(disclosures.length === 0 ? {} : { disclosures }) });
    return value;
  }
  const push = (lines: readonly (readonly [type: string, value: string])[], more: object = {}) =>
    pushFeatures(bank.deps, {
      ...SHARING,
      group: OTHER,
      lines: lines.map(([type, value]) => ({ type, value })),
      ...more,
    });

  it('go on for the same purpose in the same compartment', async () => {
    const report = await push([['domain', await given()]]);
    assert.deepEqual([report.accepted, report.refused], [1, []]);
  });

  it('are refused by line under none, approval or another purpose, and the rest goes through', async () => {
    const [one, two] = [await given(), await given('phone')];
    const lines = [
      ['domain', 'own-1.example.com'],
      ['domain', one],
      ['phone', two],
      ['domain', 'own-2.example.com'],
    ] as const;
    const codes = async (more: object = {}) => {
      const { accepted, duplicates, refused } = await push(lines, more);
      assert.equal(accepted + duplicates, 2);
      return refused.map(({ line, code }) => `${line} ${code}`);
    };
    allow('none');
    assert.deepEqual(await codes(), ['2 grant.onward-refused', '3 grant.onward-refused']);
    allow('approval');
    assert.deepEqual(await codes(), ['2 grant.onward-approval-missing', '3 grant.onward-approval-missing']);
    allow('same-purpose', { purposes: ['OTHER_PURPOSE'] });
    assert.deepEqual(await codes({ purpose: 'OTHER_PURPOSE' }), [
      '2 grant.onward-refused',
      '3 grant.onward-refused',
    ]);
  });

  it('refuse all of an atomic push', async () => {
    const value = await given();
    allow('none');
    const atomic = push(
      [
        ['domain', 'own-3.example.com'],
        ['domain', value],
      ],
      { atomic: true },
    );
    await assert.rejects(atomic, { code: 'feature.invalid' });
  });

  it('are our own once we have signed that we saw them too', async () => {
    const value = await given();
    allow('none');
    assert.equal((await push([['domain', value]])).refusedCount, 1);
    const seen = await pushFeatures(bank.deps, { ...SHARING, lines: [{ type: 'domain', value }] });
    assert.equal(seen.duplicates, 1, 'a sighting in the group that gave it is no passing on');
    assert.equal((await push([['domain', value]])).accepted, 1);
  });

  it('stay when the grant by which they came was not kept', async () => {
    const value = await given();
    await bank.deps.database.query('UPDATE feature_batch SET grant_id = NULL');
    assert.equal((await push([['domain', value]])).refused[0]?.code, 'grant.onward-refused');
  });

  it('are looked up only where another group can have given them', async () => {
    const texts: string[] = [];
    const { database } = bank.deps;
    const watched = {
      ...database,
      query: <R>(text: string, args?: readonly unknown[]) => (
        texts.push(text),
        database.query<R>(text, args)
      ),
    };
    bank.settings.view = withRegistry(first, {
      grants: first.body.grants.filter(({ group }) => group === INDUSTRY),
    });
    const lines = [{ type: 'domain', value: 'alone.example.com' }];
    await pushFeatures({ ...bank.deps, database: watched }, { ...SHARING, lines });
    assert.ok(!texts.some((text) => text.includes('f.member <>')), texts.join('\n'));
  });
});
