import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decide } from '../../src/federation/grants.ts';
import { explain } from '../../src/federation/grants/explain.ts';
import { checkRegistryRules } from '../../src/federation/registry/registry-rules.ts';
import {
  commitmentOf,
  concealGroup,
  openGroup,
  type Concealed,
} from '../../src/federation/registry/hidden-groups.ts';
import type { RegistryBody } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { run } from '../cli/console.ts';
import { without } from '../../src/evidence/without.ts';
import { ALLIANCE, testAlliance, verified, type TestAlliance } from './alliance.ts';

const now = new Date('2027-01-01T00:00:00Z');

describe('a hidden group', () => {
  let alliance: TestAlliance;
  let concealed: Concealed;
  let body: RegistryBody;
  const GROUP = 'group-industry';

  before(async () => {
    alliance = await testAlliance();
    concealed = concealGroup(
      ALLIANCE,
      alliance.body.groups.find(({ id }) => id === GROUP)!,
      5,
    );
    const groups = alliance.body.groups.map((group) => (group.id === GROUP ? concealed.group : group));
    body = { ...alliance.body, groups };
  });

  const request = {
    ...({ member: 'bank-a', right: 'push', group: GROUP, kind: 'test-note', grade: 1 } as const),
    ...{ purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'], personal: false },
  };
  const inside = () => createRegistryView({ body, sha256: '', openings: [concealed.openings] });
  const outside = () => createRegistryView({ body, sha256: '' });

  it('is a registry that the schema and the rules admit, and names none of its members', async () => {
    await verified(alliance, body);
    checkRegistryRules(body);
    const text = JSON.stringify(body.groups.find(({ id }) => id === GROUP));
    for (const { id } of alliance.body.members) assert.ok(!text.includes(id), id);
    assert.equal(concealed.group.commitments?.length, 7, 'two members among five decoys');
  });

  it('is open to its members and decides as it would in clear', () => {
    assert.deepEqual(inside().group(GROUP)?.members, ['bank-a', 'bank-b']);
    assert.deepEqual(decide(request, inside(), now), { permit: true, grant: 'grant-industry' });
    const stranger = decide({ ...request, member: 'regulator-r' }, inside(), now);
    assert.deepEqual(stranger, { permit: false, code: 'grant.refused', unmet: 'group-member' });
  });

  it('does not exist for anyone else: decided and explained like a name nobody has given', () => {
    const view = outside();
    assert.equal(view.group(GROUP), undefined);
    assert.deepEqual(view.grantsOf(GROUP), []);
    const nowhere = { ...request, group: 'group-nowhere' };
    assert.deepEqual(decide(request, view, now), decide(nowhere, view, now));
    const standing = { registry: view, now, used: new Map<string, number>() };
    const rename = (text: string): unknown => JSON.parse(text.replaceAll('group-nowhere', GROUP));
    assert.deepEqual(
      rename(JSON.stringify(explain(nowhere, standing))),
      JSON.parse(JSON.stringify(explain(request, standing))),
    );
  });

  it('stays closed while one commitment is not opened, or an opening is of another group or alliance', () => {
    const { group, openings } = concealed;
    const opened = (change: object) => openGroup(ALLIANCE, group, [{ ...openings, ...change }]);
    assert.ok(opened({}));
    assert.equal(opened({ openings: openings.openings.slice(1) }), undefined);
    assert.equal(opened({ group: 'group-aml' }), undefined);
    assert.equal(openGroup('other-alliance', group, [openings]), undefined);
    const swapped = openings.openings.map((one) => ({ ...one, member: 'regulator-r' }));
    assert.equal(opened({ openings: swapped }), undefined);
    const added = [...openings.openings, { member: 'regulator-r', salt: 'A'.repeat(43) }];
    assert.deepEqual(
      opened({ openings: added })?.members,
      ['bank-a', 'bank-b'],
      'an opening of nothing adds nobody',
    );
  });

  it('commits with salts that differ each time', () => {
    const again = concealGroup(
      ALLIANCE,
      alliance.body.groups.find(({ id }) => id === GROUP)!,
      5,
    );
    const both = new Set([...again.group.commitments!, ...concealed.group.commitments!]);
    assert.equal(both.size, 14);
    const [opening] = concealed.openings.openings;
    assert.ok(concealed.group.commitments?.includes(commitmentOf(ALLIANCE, GROUP, opening!)));
  });

  it('is refused when it lists members in clear, or a grant names them', () => {
    const refuse = (change: Partial<RegistryBody>): void =>
      assert.throws(() => checkRegistryRules({ ...body, ...change }), { code: 'registry.invalid' });
    const groups = (change: object) => ({
      groups: body.groups.map((group) => (group.id === GROUP ? { ...group, ...change } : group)),
    });
    refuse(groups({ members: ['bank-a'] }));
    refuse({ groups: body.groups.map((group) => without(group, 'commitments')) });
    refuse({ groups: body.groups.map((group) => without(group, 'hidden')) });
    refuse({ grants: body.grants.map((grant) => ({ ...grant, who: { members: ['bank-a'] } })) });
  });

  it('is made by lianzheng alliance conceal, which leaves the openings to their owner alone', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lz-conceal-'));
    const path = (name: string): string => join(directory, name);
    const { groups, grants } = alliance.body;
    writeFileSync(path('content.json'), JSON.stringify({ groups, grants }));
    const args = ['alliance', 'conceal', '--alliance', ALLIANCE, '--content', path('content.json')];
    const files = ['--out', path('out.json'), '--openings', path('openings.json')];
    const made = await run([...args, ...files, '--group', GROUP, '--decoys', '3', '--json']);
    assert.equal(made.code, 0, made.err);
    assert.equal(statSync(path('openings.json')).mode & 0o077, 0);
    const content = JSON.parse(readFileSync(path('out.json'), 'utf8')) as Pick<RegistryBody, 'groups'>;
    const openings = JSON.parse(readFileSync(path('openings.json'), 'utf8')) as Concealed['openings'];
    const hidden = content.groups.find(({ id }) => id === GROUP)!;
    assert.deepEqual(openGroup(ALLIANCE, hidden, [openings])?.members, ['bank-a', 'bank-b']);
    const again = await run([...args, ...files, '--group', GROUP]);
    assert.notEqual(again.code, 0, 'openings are never overwritten');
    const missing = await run([...args, '--out', path('x'), '--openings', path('y'), '--group', 'none']);
    assert.notEqual(missing.code, 0);
  });
});
