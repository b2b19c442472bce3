import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, type GrantRequest } from '../../src/federation/grants.ts';
import { explain } from '../../src/federation/grants/explain.ts';
import type {
  Compartment,
  Grant,
  RegistryBody,
  Right,
} from '../../src/federation/registry/registry-types.ts';
import { createRegistryView, type RegistryView } from '../../src/federation/registry/registry-view.ts';
import { testAlliance, type TestAlliance } from './alliance.ts';

const now = new Date('2027-01-01T00:00:00Z');
const members = ['bank-a', 'bank-b', 'regulator-r', 'nobody'] as const;
const word = fc.constantFrom('x', 'y', 'AML_z');
const some = fc.uniqueArray(word, { minLength: 1 });
const rights = fc.constantFrom<Right>('push', 'query', 'transfer');

const anyGrant = fc.record({
  who: fc.oneof(
    fc.record({ roles: fc.uniqueArray(fc.constantFrom('institution', 'regulator'), { minLength: 1 }) }),
    fc.record({ members: fc.uniqueArray(fc.constantFrom(...members), { minLength: 1 }) }),
  ),
  may: fc.uniqueArray(rights, { minLength: 1 }),
  kinds: some,
  purposes: some,
  legalBases: some,
  maxGrade: fc.nat(5),
  compartment: fc.option(fc.constantFrom<Compartment>('INDUSTRY', 'AML'), { nil: undefined }),
  onward: fc.constantFrom('none', 'same-purpose', 'approval'),
  notAfter: fc.constantFrom('2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z', '2099-01-01T00:00:00Z'),
  quota: fc.option(fc.record({ perDay: fc.integer({ min: 1, max: 3 }) }), { nil: undefined }),
});

const anyRequest = fc.record({
  member: fc.constantFrom('bank-a', 'bank-a', 'bank-b', 'bank-b', ...members),
  right: rights,
  group: fc.constantFrom('group-industry', 'group-industry', 'group-industry', 'group-aml', 'no-such-group'),
  kind: word,
  purpose: word,
  legalBasis: fc.uniqueArray(word, { maxLength: 2 }),
  grade: fc.nat(2),
  personal: fc.boolean(),
});

describe('grants, whatever they say', () => {
  let alliance: TestAlliance;
  before(async () => {
    alliance = await testAlliance();
  });

  const view = (grants: readonly object[], change: Partial<RegistryBody> = {}): RegistryView =>
    createRegistryView({
      body: {
        ...alliance.body,
        grants: grants.map((grant, at) => ({ group: 'group-industry', ...grant, id: `g${at}` }) as Grant),
        ...change,
      },
      sha256: 'ab'.repeat(32),
    });
  const spread = fc.array(
    fc
      .tuple(anyGrant, fc.constantFrom('group-industry', 'group-industry', 'group-aml'))
      .map(([grant, group]) => ({ ...grant, group })),
    { maxLength: 5 },
  );
  const use = fc
    .array(fc.nat(4), { minLength: 5, maxLength: 5 })
    .map((counts) => new Map(counts.map((count, at) => [`g${at}`, count])));

  it('deny by default: no grants, no permit', () => {
    fc.assert(fc.property(anyRequest, (request) => !decide(request, view([]), now).permit));
  });

  it('never permit more when one of them is removed', () => {
    fc.assert(
      fc.property(spread, anyRequest, use, fc.nat(4), (grants, request, used, out) => {
        const all = view(grants).body.grants;
        const fewer = { grants: all.filter((_, at) => at !== out) };
        const after = decide(request, view([], fewer), now, used);
        if (after.permit) assert.equal(decide(request, view([], { grants: all }), now, used).permit, true);
      }),
      { numRuns: 1000 },
    );
  });

  it('never permit a non-member because others join its group', () => {
    fc.assert(
      fc.property(spread, anyRequest, (grants, request) => {
        const groups = alliance.body.groups.map((group) => ({
          ...group,
          members: members.filter((one) => one !== request.member && one !== 'nobody'),
        }));
        const decision = decide(request, view(grants, { groups }), now);
        assert.ok(!decision.permit);
        assert.ok(['member-active', 'group-member'].includes(decision.unmet));
      }),
    );
  });

  it('never permit by an expired grant, at any later time', () => {
    fc.assert(
      fc.property(
        spread,
        anyRequest,
        fc.date({ min: now, max: new Date('2100-01-01') }),
        (grants, request, at) => {
          if (Number.isNaN(at.getTime())) return;
          const registry = view(grants);
          const decision = decide(request, registry, at);
          if (!decision.permit) return;
          const grant = registry.body.grants.find(({ id }) => id === decision.grant);
          assert.ok(grant !== undefined && at.getTime() <= Date.parse(grant.notAfter));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('permit by a grant that permits alone', () => {
    let permits = 0;
    fc.assert(
      fc.property(spread, anyRequest, use, (grants, request, used) => {
        const all = view(grants).body.grants;
        const decision = decide(request, view([], { grants: all }), now, used);
        if (!decision.permit) return;
        permits += 1;
        const alone = { grants: all.filter(({ id }) => id === decision.grant) };
        assert.equal(decide(request, view([], alone), now, used).permit, true);
        for (const { grant } of decision.quotas ?? []) {
          const one = { grants: all.filter(({ id }) => id === grant) };
          assert.equal(decide(request, view([], one), now, used).permit, true);
        }
      }),
      { numRuns: 1000 },
    );
    assert.ok(permits > 20, `only ${permits} of 1,000 were permits: this would show nothing`);
  });

  it('are explained as they are decided', () => {
    fc.assert(
      fc.property(spread, anyRequest, use, (grants, request, used) => {
        const registry = view(grants);
        const decision = decide(request, registry, now, used);
        const found = explain(request, { registry, now, used });
        assert.equal(found.permit, decision.permit);
        assert.equal(found.grant, decision.grant);
        for (const { permits, conditions } of found.grants)
          assert.equal(
            permits,
            conditions.every(({ holds }) => holds),
          );
        const general = found.conditions.every(({ holds }) => holds);
        assert.equal(found.permit, general && found.grants.some(({ permits }) => permits));
        if (decision.permit) return assert.ok(found.demands);
        const unmet = found.conditions.find(({ holds }) => !holds)?.condition;
        const near = found.grants.find(({ grant }) => grant === decision.grant);
        const inGrant = near?.conditions.find(({ holds }) => !holds)?.condition;
        assert.equal(found.unmet, unmet ?? inGrant ?? 'granted');
      }),
      { numRuns: 1000 },
    );
  });

  it('say in both languages what was asked and what is granted', () => {
    const request: GrantRequest & { grade: number } = {
      ...{ member: 'bank-a', right: 'push', group: 'group-industry', kind: 'test-note' },
      ...{ purpose: 'MARKETING', legalBasis: ['PIPL-13'], personal: false, grade: 2 },
    };
    const found = explain(request, { registry: alliance.view, now, used: new Map() });
    assert.deepEqual([found.permit, found.unmet, found.grant], [false, 'purpose', 'grant-industry']);
    const purpose = found.grants[0]?.conditions.find(({ condition }) => condition === 'purpose');
    assert.equal(purpose?.holds, false);
    for (const text of [purpose.text.en, purpose.text.zh]) {
      assert.ok(text.includes('MARKETING') && text.includes('RISK_PREVENTION, AML_REPORTING'), text);
    }
    assert.match(purpose.text.zh, /目的/);
  });

  it('explain a group of others and one that does not exist alike', () => {
    const request = {
      ...({ member: 'regulator-r', right: 'push', kind: 'test-note', purpose: 'x' } as const),
      ...{ legalBasis: [], personal: false, grade: 0 },
    };
    const standing = { registry: alliance.view, now, used: new Map<string, number>() };
    const nowhere = explain({ ...request, group: 'no-such-group' }, standing);
    assert.deepEqual([nowhere.unmet, nowhere.code, nowhere.grants], ['group-member', 'grant.refused', []]);
  });
});
