import assert from 'node:assert/strict';
import type { JsonValue } from '../../src/core/canonical.ts';
import { nextRegistry } from '../../src/federation/alliance.ts';
import { endorseKey, endorseLedgerKey } from '../../src/federation/registry/key-change.ts';
import { readRegistryChain } from '../../src/federation/registry/registry-chain.ts';
import type {
  MemberKey,
  RegistryBody,
  RegistryMember,
} from '../../src/federation/registry/registry-types.ts';
import { createLedgerKey } from '../../src/ledger/notes/note.ts';
import { ALLIANCE, digestOf, keyPair, publish, testAlliance, type TestAlliance } from './alliance.ts';
import { openGateway, openKeeper, putRegistry } from './gateway.ts';

const BROKEN = { code: 'registry.chain-broken' };
const NOW = new Date();
const REVOKED = { at: NOW.toISOString(), reason: 'compromised' } as const;
type Change = Partial<RegistryMember> | 'gone';

describe('change of a member’s keys', () => {
  let alliance: TestAlliance;
  let member: RegistryMember;
  let key: MemberKey;
  before(async () => {
    alliance = await testAlliance();
    member = alliance.body.members[0]!;
    key = member.keys[0]!;
  });

  /** The first registry, then one for each change of bank-a; every change starts from bank-a as it was at first. */
  function bodies(changes: readonly Change[]): readonly RegistryBody[] {
    const all = [alliance.body];
    for (const change of changes) {
      const previous = all.at(-1)!;
      const others = alliance.body.members.slice(1);
      const members = change === 'gone' ? others : [{ ...member, ...change }, ...others];
      const groups = change === 'gone' ? [] : alliance.body.groups;
      const content = { members, groups, grants: groups.length === 0 ? [] : alliance.body.grants };
      all.push(nextRegistry({ body: previous, sha256: digestOf(previous) }, content, { now: new Date() }));
    }
    return all;
  }
  const read = async (all: readonly RegistryBody[]) => {
    const documents = await Promise.all(all.map((body) => publish(alliance, body)));
    const trust = { alliance: ALLIANCE, operators: alliance.body.operators, schemas: alliance.schemas };
    return readRegistryChain(documents as unknown as JsonValue[], trust);
  };
  const chain = (...changes: readonly Change[]) => read(bodies(changes));
  const strange = async (more: Partial<MemberKey> = {}): Promise<MemberKey> => {
    const { jwk } = await keyPair();
    return { ...key, kid: jwk.kid, jwk, ...more };
  };
  const endorsed = async (more: Partial<MemberKey> = {}, use?: 'enc'): Promise<MemberKey> => {
    const made = await strange(more);
    const succession = { alliance: ALLIANCE, member: member.id, kid: made.kid, ...(use && { use }) };
    return { ...made, endorsement: await endorseKey(succession, alliance.members.a.seal.signing) };
  };
  const recovered = { recovery: { at: '2026-01-01T00:00:00Z', reason: 'HSM lost' } };

  it('is not hidden by taking the member out for one registry, or for two', async () => {
    const keys = [await strange()];
    await assert.rejects(chain('gone', { keys }), BROKEN);
    await assert.rejects(chain('gone', 'gone', { keys }), BROKEN);
    await chain('gone', {});
    await chain('gone', { keys: [await endorsed()] });
    await chain('gone', { keys: [await strange({ endorsement: recovered })] });
  });

  it('is not hidden by a member that left, or that has no keys for a while', async () => {
    const keys = [await strange()];
    await assert.rejects(chain({ status: 'left', keys: [] }, { keys }), BROKEN);
    await assert.rejects(chain({ keys: [] }, { keys }), BROKEN);
    await assert.rejects(chain({ status: 'left' }, 'gone', { status: 'active', keys }), BROKEN);
    await chain({ status: 'left', keys: [] }, { keys: [await endorsed()] });
  });

  it('covers keys for encryption, whose endorsement serves for no seal key', async () => {
    const use = 'enc';
    await assert.rejects(chain({ keys: [key, await strange({ use })] }), BROKEN);
    await assert.rejects(chain({ keys: [key, await endorsed({ use })] }), BROKEN);
    await assert.rejects(chain({ keys: [key, await endorsed({}, use)] }), BROKEN);
    const encryption = await endorsed({ use }, use);
    await chain({ keys: [key, encryption] });
    const swapped = { ...encryption, jwk: (await keyPair()).jwk };
    await assert.rejects(chain({ keys: [key, encryption] }, { keys: [key, swapped] }), {
      code: 'registry.invalid',
    });
    await assert.rejects(
      chain({ keys: [key, encryption] }, { keys: [key, { ...encryption, use: 'seal' }] }),
      BROKEN,
    );
  });

  it('refuses a revoked key, certificate or signer that comes back, whatever lies between', async () => {
    const revoked = [{ ...key, revoked: REVOKED }];
    await assert.rejects(chain({ keys: revoked }, {}), BROKEN);
    await assert.rejects(chain({ keys: revoked }, { keys: [] }, {}), BROKEN);
    await assert.rejects(chain({ keys: revoked }, 'gone', {}), BROKEN);
    const soft = [{ ...key, revoked: { ...REVOKED, reason: 'superseded' as const } }];
    await assert.rejects(chain({ keys: revoked }, { keys: soft }), BROKEN);
    await chain({ keys: soft }, { keys: revoked });
    const [gateway] = member.gateways;
    const certs = gateway!.certs.map((cert) => ({ ...cert, revoked: REVOKED }));
    await assert.rejects(chain({ gateways: [{ ...gateway!, certs }] }, {}), BROKEN);
    const signer = { x5t: gateway!.certs[0]!.x5t, roles: ['HANDLER'], nbf: 0, exp: 2 ** 31 };
    const withSigner = (more: object) => ({ signers: [{ ...signer, ...more }] });
    await assert.rejects(chain(withSigner({ revoked: REVOKED }), withSigner({})), BROKEN);
  });

  it('counts no word of a key that is revoked, called stolen just now, or past its time', async () => {
    const made = await endorsed();
    await assert.rejects(chain({ keys: [{ ...key, revoked: REVOKED }, made] }), BROKEN);
    await assert.rejects(chain({ keys: [{ ...key, revoked: REVOKED }] }, { keys: [made] }), BROKEN);
    await assert.rejects(chain({ keys: [{ ...key, exp: key.nbf + 1 }] }, { keys: [made] }), BROKEN);
    const superseded = { ...key, revoked: { ...REVOKED, reason: 'superseded' as const } };
    await chain({ keys: [superseded, made] });
  });

  it('lets no member have another’s key or log, not even a former member’s', async () => {
    const all = bodies(['gone', 'gone']);
    const heir = (change: Partial<RegistryMember>): RegistryMember => ({
      ...alliance.body.members[1]!,
      ...{ id: 'bank-z', gateways: [], keys: [], ledger: { origin: 'z', vkey: createLedgerKey('z').vkey } },
      ...change,
    });
    const withHeir = (change: Partial<RegistryMember>) => {
      const last = all.at(-1)!;
      return [...all.slice(0, -1), { ...last, members: [...last.members, heir(change)] }];
    };
    await read(withHeir({}));
    const { origin } = member.ledger;
    await assert.rejects(read(withHeir({ ledger: { origin, vkey: createLedgerKey(origin).vkey } })), BROKEN);
    await assert.rejects(read(withHeir({ ledger: member.ledger })), BROKEN);
    await assert.rejects(read(withHeir({ keys: [key] })), BROKEN);
  });

  it('keeps watch over the log of a member that was out', async () => {
    const { origin } = member.ledger;
    const { vkey } = createLedgerKey(origin);
    await assert.rejects(chain('gone', { ledger: { origin, vkey } }), BROKEN);
    const by = alliance.members.a.seal.signing;
    const endorsement = await endorseLedgerKey({ alliance: ALLIANCE, member: member.id, vkey }, by);
    await chain('gone', { ledger: { origin, vkey, endorsement } });
  });

  it('is remembered by a gateway over a restart', async function () {
    this.timeout(30_000);
    const gateway = await openGateway(alliance, alliance.members.b);
    try {
      const [, second, third] = bodies(['gone', { keys: [await strange()] }]);
      putRegistry(gateway.directory, 2, await publish(alliance, second));
      await gateway.registry.refresh();
      const restarted = await openKeeper(alliance, {
        world: gateway.world,
        ledger: gateway.ledger,
        directory: gateway.directory,
        clock: () => new Date(),
        member: gateway.member.id,
        onError: (error) => void gateway.errors.push(error),
      });
      restarted.close();
      assert.equal(restarted.current().serial, 2);
      const taken = (await publish(alliance, third)) as unknown as JsonValue;
      await assert.rejects(restarted.offer(taken), BROKEN);
      assert.equal(restarted.current().serial, 2);
    } finally {
      await gateway.close();
    }
  });
});
