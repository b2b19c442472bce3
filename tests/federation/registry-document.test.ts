import assert from 'node:assert/strict';
import { canonicalBytes, type JsonValue } from '../../src/core/canonical.ts';
import { nextRegistry } from '../../src/federation/alliance.ts';
import { endorseKey } from '../../src/federation/registry/key-change.ts';
import { readRegistryChain } from '../../src/federation/registry/registry-chain.ts';
import {
  readRegistry,
  signRegistry,
  type RegistryDocument,
} from '../../src/federation/registry/registry-document.ts';
import type { RegistryBody } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView, validAt } from '../../src/federation/registry/registry-view.ts';
import {
  ALLIANCE,
  digestOf,
  keyPair,
  publish,
  testAlliance,
  verified,
  type TestAlliance,
} from './alliance.ts';

describe('registry document', () => {
  let alliance: TestAlliance;
  before(async () => {
    alliance = await testAlliance();
  });
  const read = (document: RegistryDocument) =>
    readRegistry(document as unknown as JsonValue, alliance.body.operators, alliance.schemas);

  it('reads a registry that two of three operators signed', async () => {
    const { body, sha256 } = await read(await publish(alliance));
    assert.equal(body.serial, 1);
    assert.equal(sha256, digestOf(alliance.body));
  });

  it('refuses one signature, and one operator who signs twice', async () => {
    const [first] = alliance.operators;
    assert.ok(first);
    const once = await signRegistry(alliance.body, [first.signing]);
    const twice = await signRegistry(alliance.body, [first.signing, first.signing]);
    await assert.rejects(read(once), { code: 'registry.signature-invalid' });
    await assert.rejects(read(twice), { code: 'registry.signature-invalid' });
  });

  it("doesn't count a stranger's signature", async () => {
    const [first] = alliance.operators;
    assert.ok(first);
    const document = await signRegistry(alliance.body, [first.signing, (await keyPair()).signing]);
    await assert.rejects(read(document), { code: 'registry.signature-invalid' });
  });

  it('refuses a payload that was changed after signing', async () => {
    const document = await publish(alliance);
    const payload = canonicalBytes({ ...alliance.body, alliance: 'another-one' }).toString('base64url');
    await assert.rejects(read({ ...document, payload }), { code: 'registry.signature-invalid' });
  });

  it('takes another signature on the same payload for the same registry', async () => {
    const [, second, third] = alliance.operators;
    assert.ok(second && third);
    const other = await read(await signRegistry(alliance.body, [second.signing, third.signing]));
    assert.equal(other.sha256, digestOf(alliance.body));
  });

  it('refuses payloads that are not canonical, too long-lived, or list a key twice', async () => {
    const spaced = Buffer.from(JSON.stringify(alliance.body, null, 1)).toString('base64url');
    await assert.rejects(read({ ...(await publish(alliance)), payload: spaced }), {
      code: 'registry.invalid',
    });
    const long = { ...alliance.body, expiresAt: '2099-01-01T00:00:00.000Z' };
    await assert.rejects(publish(alliance, long).then(read), { code: 'registry.invalid' });
    const [a, b, ...rest] = alliance.body.members;
    assert.ok(a && b);
    const shared = { ...alliance.body, members: [a, { ...b, keys: a.keys }, ...rest] };
    await assert.rejects(publish(alliance, shared).then(read), { code: 'registry.invalid' });
  });
});

describe('registry chain', () => {
  let alliance: TestAlliance;
  before(async () => {
    alliance = await testAlliance();
  });
  const chain = async (...bodies: readonly RegistryBody[]) => {
    const documents = await Promise.all(bodies.map((body) => publish(alliance, body)));
    const trust = { alliance: ALLIANCE, operators: alliance.body.operators, schemas: alliance.schemas };
    return readRegistryChain(documents as unknown as JsonValue[], trust);
  };
  const next = (change: Parameters<typeof nextRegistry>[1] = {}) =>
    nextRegistry({ body: alliance.body, sha256: digestOf(alliance.body) }, change, { now: new Date() });

  it('reads a chain in any order', async () => {
    const registries = await chain(next(), alliance.body);
    assert.deepEqual(
      registries.map((registry) => registry.body.serial),
      [1, 2],
    );
  });

  it('refuses a gap, a wrong prev and another alliance', async () => {
    await assert.rejects(chain(alliance.body, { ...next(), serial: 3 }), { code: 'registry.chain-broken' });
    await assert.rejects(chain(alliance.body, { ...next(), prev: 'a'.repeat(64) }), {
      code: 'registry.chain-broken',
    });
    await assert.rejects(chain({ ...alliance.body, alliance: 'elsewhere' }), { code: 'registry.invalid' });
  });

  it('lets the threshold of the previous registry decide the next', async () => {
    const [first] = alliance.operators;
    assert.ok(first);
    const taken = next({ operators: { threshold: 1, keys: [first.jwk] } });
    const alone = await signRegistry(taken, [first.signing]);
    const trust = { alliance: ALLIANCE, operators: alliance.body.operators, schemas: alliance.schemas };
    const documents = [await publish(alliance), alone] as unknown as JsonValue[];
    await assert.rejects(readRegistryChain(documents, trust), { code: 'registry.signature-invalid' });
  });

  it('refuses a swapped member key unless the earlier key or a recorded recovery vouches for it', async () => {
    const { signing, jwk } = await keyPair();
    const [member, ...others] = alliance.body.members;
    const [key] = member?.keys ?? [];
    assert.ok(member && key);
    const succession = { alliance: ALLIANCE, member: member.id, kid: jwk.kid };
    const swapped = { ...key, kid: jwk.kid, jwk };
    const withKey = (added: typeof swapped & { endorsement?: object }) =>
      next({ members: [{ ...member, keys: [added] }, ...others] });
    const by = (endorser: typeof signing) => endorseKey(succession, endorser);

    await assert.rejects(chain(alliance.body, withKey(swapped)), { code: 'registry.chain-broken' });
    const self = { ...swapped, endorsement: await by(signing) };
    await assert.rejects(chain(alliance.body, withKey(self)), { code: 'registry.chain-broken' });
    await chain(
      alliance.body,
      withKey({ ...swapped, endorsement: await by(alliance.members.a.seal.signing) }),
    );
    const recovery = { at: '2026-01-01T00:00:00Z', reason: 'device lost' };
    await chain(alliance.body, withKey({ ...swapped, endorsement: { recovery } }));
  });
});

describe('registry view', () => {
  it('finds certificate, key, group and schema, and no key under another member', async () => {
    const alliance = await testAlliance();
    const { body, sha256 } = await verified(alliance);
    const view = createRegistryView({ body, sha256 });
    const { a, b } = alliance.members;
    const cert = body.members[0]?.gateways[0]?.certs[0];
    assert.equal(view.certificate(cert?.x5t ?? '')?.member, a.id);
    assert.equal(view.sealKey(a.id, a.seal.jwk.kid)?.alg, 'Ed25519');
    assert.equal(view.sealKey(b.id, a.seal.jwk.kid), undefined);
    assert.equal(view.sealKey(a.id, '__proto__'), undefined);
    assert.equal(view.inGroup('group-aml', b.id), true);
    assert.equal(view.authorityOf(b.id), 'bank-b.example:8443');
  });

  it('counts a compromised key never and a superseded one until its end', () => {
    const life = { nbf: 100, exp: 200 };
    const at = new Date(150_000).toISOString();
    assert.equal(validAt(life, 150), true);
    assert.equal(validAt(life, 201), false);
    assert.equal(validAt({ ...life, revoked: { at, reason: 'compromised' } }, 120), false);
    assert.equal(validAt({ ...life, revoked: { at, reason: 'superseded' } }, 120), true);
    assert.equal(validAt({ ...life, revoked: { at, reason: 'superseded' } }, 151), false);
  });
});
