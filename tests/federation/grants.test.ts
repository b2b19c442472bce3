import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, type GrantRequest } from '../../src/federation/grants.ts';
import type { Grant, RegistryBody, Right } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { testAlliance, type TestAlliance } from './alliance.ts';

const now = new Date('2027-01-01T00:00:00Z');

describe('grants', () => {
  let alliance: TestAlliance;
  let request: GrantRequest;
  before(async () => {
    alliance = await testAlliance();
    request = {
      member: 'bank-a',
      right: 'push',
      group: 'group-industry',
      kind: 'test-note',
      purpose: 'RISK_PREVENTION',
      legalBasis: ['PIPL-13'],
      personal: true,
    };
  });
  const ask = (change: Partial<GrantRequest>, body: Partial<RegistryBody> = {}) =>
    decide(
      { ...request, ...change },
      createRegistryView({ body: { ...alliance.body, ...body }, sha256: '' }),
      now,
    );
  const grantWith = (change: Partial<Grant>) => ({
    grants: alliance.body.grants.map((grant) => ({ ...grant, ...change })),
  });
  const refused = (unmet: string, grant?: string) => ({
    permit: false,
    code: 'grant.refused',
    unmet,
    ...(grant === undefined ? {} : { grant }),
  });

  it('permits by the named grant', () => {
    assert.deepEqual(ask({}), { permit: true, grant: 'grant-industry' });
  });

  it('names the first unmet condition', () => {
    const near = 'grant-industry';
    assert.deepEqual(ask({ member: 'nobody' }), refused('member-active'));
    assert.deepEqual(ask({ member: 'regulator-r' }), refused('group-member'));
    assert.deepEqual(ask({ group: 'group-reg' }), refused('granted'));
    assert.deepEqual(ask({}, grantWith({ who: { roles: ['police'] } })), refused('who', near));
    assert.deepEqual(ask({ right: 'transfer' }), refused('right', near));
    assert.deepEqual(ask({ kind: 'other' }), refused('kind', near));
    assert.deepEqual(ask({ purpose: 'MARKETING' }), refused('purpose', near));
    assert.deepEqual(ask({ legalBasis: [] }), refused('legal-basis', near));
    assert.deepEqual(ask({ legalBasis: ['PIPL-13', 'invented'] }), refused('legal-basis', near));
    assert.deepEqual(ask({ grade: 4 }), refused('grade', near));
    assert.deepEqual(ask({}, grantWith({ compartment: 'POLICE' })), refused('compartment', near));
    assert.deepEqual(ask({}, grantWith({ notAfter: '2026-12-31T23:59:59Z' })), refused('not-after', near));
  });

  it('answers an unknown group exactly like one of others', () => {
    assert.deepEqual(ask({ group: 'no-such-group' }), ask({ member: 'regulator-r' }));
  });

  it('refuses a suspended member', () => {
    const members = alliance.body.members.map((member) => ({ ...member, status: 'suspended' as const }));
    assert.deepEqual(ask({}, { members }), refused('member-active'));
  });

  it('keeps AML material to AML purposes, even under a grant', () => {
    assert.deepEqual(ask({ group: 'group-aml' }), refused('aml-purpose'));
    assert.equal(ask({ group: 'group-aml', purpose: 'AML_REPORTING', legalBasis: ['AML-7'] }).permit, true);
    assert.deepEqual(ask({ group: 'group-aml', purpose: 'AMLET' }), refused('aml-purpose'));
  });

  it('refuses personal types in an ALLIANCE group whatever the grants say', () => {
    const rights: Right[] = ['push', 'screen', 'query', 'request', 'transfer', 'audit', 'status'];
    fc.assert(
      fc.property(
        fc.constantFrom(...rights),
        fc.constantFrom('bank-a', 'bank-b'),
        fc.array(
          fc.constantFrom(...alliance.body.grants).map((grant) => ({ ...grant, may: rights })),
          { maxLength: 5 },
        ),
        (right, member, grants) => {
          const all = grants.map((grant, at) => ({ ...grant, id: `g${at}`, group: 'group-alliance' }));
          const decision = ask({ right, member, group: 'group-alliance' }, { grants: all });
          assert.ok(!decision.permit);
          assert.equal(decision.code, 'grant.personal-in-alliance');
        },
      ),
    );
  });

  it('permits only what some single grant says in full', () => {
    const word = fc.constantFrom('x', 'y');
    const some = fc.uniqueArray(word, { minLength: 1 });
    const grants = fc.array(
      fc.record({
        may: fc.uniqueArray(fc.constantFrom<Right>('push', 'query'), { minLength: 1 }),
        kinds: some,
        purposes: some,
        legalBases: some,
        maxGrade: fc.nat(3),
      }),
      { maxLength: 4 },
    );
    const question = fc.record({
      right: fc.constantFrom<Right>('push', 'query'),
      kind: word,
      purpose: word,
      legalBasis: fc.uniqueArray(word),
      grade: fc.nat(3),
      personal: fc.boolean(),
    });
    const base = alliance.body.grants[0];
    assert.ok(base);
    fc.assert(
      fc.property(grants, question, (changes, asked) => {
        const all = changes.map((change, at) => ({ ...base, ...change, id: `g${at}` }));
        const decision = ask(asked, { grants: all });
        const fitting = all.find(
          (grant) =>
            grant.may.includes(asked.right) &&
            grant.kinds.includes(asked.kind) &&
            grant.purposes.includes(asked.purpose) &&
            asked.legalBasis.length > 0 &&
            asked.legalBasis.every((basis) => grant.legalBases.includes(basis)) &&
            asked.grade <= grant.maxGrade,
        );
        assert.equal(decision.permit, fitting !== undefined);
        if (decision.permit) assert.equal(decision.grant, fitting?.id);
        else assert.notEqual(decision.unmet, undefined);
      }),
    );
  });
});
