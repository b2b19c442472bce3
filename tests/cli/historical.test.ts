import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anchorsOf, nextRegistry } from '../../src/federation/alliance.ts';
import type { JsonValue } from '../../src/core/canonical.ts';
import { readRegistryChain } from '../../src/federation/registry/registry-chain.ts';
import type {
  RegistryBody,
  RegistryMember,
  Revocation,
} from '../../src/federation/registry/registry-types.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import { bundleOf, inputOf, packetOf } from '../evidence/bundle-world.ts';
import { digestOf, publish, testAlliance, type TestAlliance } from '../federation/alliance.ts';
import { people, type People } from '../pki/people.ts';
import { run } from './console.ts';

const DAY = 86_400_000;

/** Registry 1 lists the signers and has expired long ago; what registry 2 and 3 say comes later. */
describe('an old bundle before a registry of today', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  let world: People;
  let directory: string;
  let bundle: string;
  let first: RegistryBody;
  before(async () => {
    world = await people();
    const life = { nbf: 0, exp: 4_000_000_000 };
    const signers = [world.zhang, world.li].map(({ certPem }) => ({
      ...{ x5t: x5t(certPem), roles: ['HANDLER'] },
      ...life,
    }));
    alliance = await testAlliance(({ members }) => ({
      cas: [world.authority.certPem],
      members: members.map((one) => (one.id === 'regulator-r' ? { ...one, id: 'regulator', signers } : one)),
    }));
    const issuedAt = new Date(Date.now() - 200 * DAY).toISOString();
    const expiresAt = new Date(Date.now() - 120 * DAY).toISOString();
    first = { ...alliance.body, issuedAt, expiresAt };
    directory = mkdtempSync(join(tmpdir(), 'lz-historical-'));
    bundle = join(directory, 'old.asice');
    const packet = packetOf(world, { registry: { serial: 1, sha256: digestOf(first) } });
    writeFileSync(bundle, await bundleOf(inputOf(packet), [world.zhang, world.li]));
  });
  after(() => rmSync(directory, { recursive: true }));

  type Change = (regulator: RegistryMember) => RegistryMember;
  /** Verifies the bundle with anchors of registry 1 and one more for each change. */
  async function verify(...changes: readonly Change[]): Promise<Awaited<ReturnType<typeof run>>> {
    const bodies = [first];
    for (const change of changes) {
      const previous = bodies.at(-1)!;
      const members = previous.members.map((one) => (one.id === 'regulator' ? change(one) : one));
      bodies.push(
        nextRegistry({ body: previous, sha256: digestOf(previous) }, { members }, { now: new Date() }),
      );
    }
    const documents = await Promise.all(bodies.map((body) => publish(alliance, body)));
    const { operators } = alliance.body;
    const trust = { alliance: alliance.body.alliance, operators, schemas: alliance.schemas };
    const chain = await readRegistryChain(documents as unknown as JsonValue[], trust);
    const anchors = join(directory, 'anchors.json');
    writeFileSync(anchors, JSON.stringify(anchorsOf(chain, operators)));
    return run(['verify', bundle, '--anchors', anchors, '--json']);
  }
  const revoking =
    (reason: Revocation['reason'], at: number): Change =>
    (one) => ({
      ...one,
      signers: one.signers.map((signer) => ({
        ...signer,
        revoked: { reason, at: new Date(at).toISOString() },
      })),
    });
  const withoutSigners: Change = (one) => ({ ...one, signers: [] });

  it('is good though its registry has expired, and though the signers are listed no more', async () => {
    assert.equal((await verify()).code, 0);
    assert.equal((await verify((one) => one)).code, 0);
    assert.equal((await verify(withoutSigners)).code, 0);
    assert.equal((await verify((one) => ({ ...one, status: 'left' }))).code, 0);
  });

  it('is good when its signers’ certificates were superseded after it was signed, not before', async () => {
    assert.equal((await verify(revoking('superseded', Date.now() + 60_000))).code, 0);
    assert.equal((await verify(revoking('superseded', Date.now() - 10 * DAY))).code, 1);
  });

  it('is worth nothing once a signer’s key is known to be compromised, backwards too', async () => {
    for (const reason of ['compromised', 'unspecified'] as const) {
      const refused = await verify(revoking(reason, Date.now() + 60_000));
      assert.equal(refused.code, 1, reason);
      assert.match(refused.out, /E-SIG-VALIDITY/);
    }
  });

  it('stays so when the compromised certificate is left out of the registries that follow', async () => {
    const compromised = revoking('compromised', Date.now());
    assert.equal((await verify(compromised, withoutSigners)).code, 1);
    assert.equal((await verify(compromised, withoutSigners, (one) => one)).code, 1);
  });

  it('cannot be judged by a registry of the same serial that it does not pin', async () => {
    const kept = first;
    first = { ...kept, expiresAt: new Date(Date.now() - 119 * DAY).toISOString() };
    const other = await verify();
    first = kept;
    assert.equal(other.code, 1);
    assert.match(other.out, /E-REGISTRY/);
  });
});
