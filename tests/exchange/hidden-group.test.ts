import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainGrants } from '../../src/gateway/member/explain-grants.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { without } from '../../src/evidence/without.ts';
import { listFeatures } from '../../src/features/list.ts';
import { screen } from '../../src/features/screen.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { concealGroup, type Concealed } from '../../src/federation/registry/hidden-groups.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { assertLedgersAgree } from '../world/agreeing-ledgers.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { publishNext } from '../world/publish.ts';
import { forge } from './forge.ts';
import { closeConnections, send } from './send.ts';
import { adjustableClock, wireBetween, type WireWorld } from './wire-world.ts';

const GROUP = 'task-force';
const NOWHERE = 'no-such-grp';
const MEMBERS = ['bank-a', 'insurer-b', 'regulator-r'] as const;
const SHARING = { purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'], actor: 'tester' };

describe('a hidden group between gateways', function () {
  this.timeout(90_000);
  let alliance: TestAlliance;
  let concealed: Concealed;
  let wire: WireWorld;
  const gateway = (member: (typeof MEMBERS)[number]): Gateway => alliance.gateway(member);
  const openingsOf = (member: string): string => join(alliance.directory, `openings-${member}`);

  before(async () => {
    alliance = await openTestAlliance({ members: MEMBERS });
    for (const { cast, configPath } of alliance.founded.members) {
      mkdirSync(openingsOf(cast.id));
      const config = JSON.parse(readFileSync(configPath, 'utf8')) as { registry: object };
      config.registry = { ...config.registry, openings: openingsOf(cast.id) };
      writeFileSync(configPath, JSON.stringify(config));
      await alliance.stop(cast.id);
      await alliance.start(cast.id);
    }
    const { alliance: name } = alliance.founded.registry.body;
    const group = {
      id: GROUP,
      name: '一号',
      compartment: 'INDUSTRY',
      members: ['bank-a', 'insurer-b'],
    } as const;
    concealed = concealGroup(name, group, 4);
    await publishNext(alliance, ({ groups, grants }) => ({
      groups: [...groups, concealed.group],
      grants: [
        ...grants,
        ...grants.flatMap((grant) =>
          ['g-push', 'g-screen'].includes(grant.id)
            ? [{ ...grant, id: `${grant.id}-hidden`, group: GROUP }]
            : [],
        ),
      ],
    }));
    const parts = { sender: gateway('regulator-r'), receiver: gateway('insurer-b') };
    wire = await wireBetween({ ...parts, ca: alliance.founded.ca, time: adjustableClock() });
  });
  after(async () => {
    closeConnections(wire);
    await wire.close();
    await alliance.close();
  });

  const push = (member: (typeof MEMBERS)[number], value: string, group = GROUP) =>
    pushFeatures(gateway(member).features, { ...SHARING, group, lines: [{ type: 'domain', value }] });
  const answered = async (group: string) => {
    const { status, headers, body } = await send(wire, await forge(wire, { content: { group } }));
    const problem = JSON.parse(body.toString()) as Record<string, unknown> & { readonly code: string };
    return {
      status,
      headers: Object.keys(headers).sort(),
      ...problem,
      correlationId: typeof problem['correlationId'],
    };
  };

  it('is closed to its own members until they hold what opens it', async () => {
    await assert.rejects(push('bank-a', 'early.example'), { code: 'grant.refused' });
    for (const member of ['bank-a', 'insurer-b'] as const) {
      writeFileSync(join(openingsOf(member), `${GROUP}.json`), JSON.stringify(concealed.openings));
      await gateway(member).registry.refresh();
    }
    assert.deepEqual(gateway('bank-a').registry.current().group(GROUP)?.members, ['bank-a', 'insurer-b']);
  });

  it('carries features between its members, and to nobody else', async () => {
    assert.equal((await push('bank-a', 'hidden.example')).accepted, 1);
    await gateway('bank-a').delivery.idle();
    const sent = await listDeliveries(gateway('bank-a').database, { limit: 10 });
    assert.deepEqual(
      sent.map(({ recipient, state }) => [recipient, state]),
      [['insurer-b', 'acked']],
    );
    const { features } = await listFeatures(gateway('insurer-b').features, { group: GROUP, limit: 10 });
    assert.equal(features.length, 1);
    const subjects = [{ ref: 'a', features: [{ type: 'domain', value: 'hidden.example' }] }];
    const found = await screen(gateway('insurer-b').features, { ...SHARING, caseRef: 'c', subjects });
    assert.equal(found.results[0]?.featureIds.length, 1);
  });

  it('answers an outsider’s message like a group that does not exist', async () => {
    assert.deepEqual(await answered(GROUP), await answered(NOWHERE));
    assert.equal((await answered(GROUP)).code, 'grant.refused');
  });

  it('does not exist on an outsider’s own gateway: push, list, screen, explain', async () => {
    const outside = gateway('regulator-r');
    const told = async (group: string) => {
      const errors: unknown[] = [];
      const note = (error: { code: string; message: string; facts: object }): void =>
        void errors.push([error.code, error.message.replaceAll(group, '*'), error.facts]);
      await push('regulator-r', 'x.example', group).catch(note);
      await listFeatures(outside.features, { group, limit: 1 }).catch(note);
      const subjects = [{ ref: 'a', features: [{ type: 'domain', value: 'hidden.example' }] }];
      await screen(outside.features, { ...SHARING, group, caseRef: 'c', subjects }).catch(note);
      const asked = {
        member: 'bank-a',
        right: 'push',
        group,
        kind: 'feature-batch',
        personal: false,
      } as const;
      const { purpose, legalBasis } = SHARING;
      const explained = await explainGrants(outside.evidence, {
        ...asked,
        purpose,
        legalBasis,
        grade: 1,
      });
      const found = without(explained, 'at');
      return JSON.stringify([errors, found]).replaceAll(group, '*');
    };
    assert.equal(await told(GROUP), await told(NOWHERE));
    assert.match(await told(GROUP), /group-member/);
  });

  it('leaves ledgers that verify', () => assertLedgersAgree(MEMBERS.map(gateway)));
});
