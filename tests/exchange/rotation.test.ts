import assert from 'node:assert/strict';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seconds } from '../../src/core/clock.ts';
import { newId } from '../../src/core/ids.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import type { FoundedMember } from '../../src/demo/found-member.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import type { PeerClient } from '../../src/federation/peers/peer-client.ts';
import { endorseKey } from '../../src/federation/registry/key-change.ts';
import type { RegistryBody, RegistryMember } from '../../src/federation/registry/registry-types.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createAuthority, type Authority } from '../../src/pki/authority.ts';
import { issueCertificate } from '../../src/pki/issue.ts';
import { generateRsaKey } from '../../src/pki/private-key.ts';
import { createRequest } from '../../src/pki/request.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import { generateSealKey, importSigningKey } from '../../src/wire/jws.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { keyFrom, membersWith, publisherOf, until, type Publisher } from './registries.ts';

const OVERLAP_SECONDS = 2;
/** Between two looks at the files of keys. */
const LOOK_MS = 2_000;

/** Messages and status calls both ways all the while; every attempt must succeed at once. */
describe('rotation without a failed request', function () {
  this.timeout(180_000);
  let alliance: TestAlliance;
  let publisher: Publisher;
  let directory: string;
  let bank: Gateway;
  let insurer: Gateway;
  let founded: FoundedMember;
  const refused: string[] = [];
  let answered = 0;
  let running = true;
  const traffic: Promise<void>[] = [];
  const callers: PeerClient[] = [];

  before(async () => {
    alliance = await openTestAlliance({
      members: ['bank-a', 'insurer-b'],
      configure: (config) => ({
        ...config,
        keys: { ...config.keys, switchAfterSeconds: OVERLAP_SECONDS },
        registry: { ...config.registry, pollMs: 300 },
      }),
    });
    publisher = publisherOf(alliance.founded);
    directory = join(alliance.directory, 'alliance', 'registry');
    [bank, insurer] = [alliance.gateway('bank-a'), alliance.gateway('insurer-b')];
    founded = alliance.founded.members[0]!;
    for (const gateway of [bank, insurer]) traffic.push(pushing(gateway), asking(gateway));
    await until('traffic', () => answered > 10);
  });
  after(async () => {
    running = false;
    await Promise.all(traffic);
    await Promise.all(callers.map((caller) => caller.close()));
    await alliance.close();
  });

  async function pushing(gateway: Gateway): Promise<void> {
    for (let n = 0; running; n++) {
      await pushFeatures(gateway.features, {
        ...{ group: FEATURE_GROUP, purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'], actor: 'tester' },
        lines: [{ type: 'domain', value: `${gateway.config.member}-${n}.example`, confidence: 95 }],
      });
      await sleep(40);
    }
  }

  /** Through the gateway's own client: whatever fails, fails here first. */
  async function asking({ peers, config }: Gateway): Promise<void> {
    const to = config.member === 'bank-a' ? 'insurer-b' : 'bank-a';
    while (running) {
      try {
        const body = Buffer.from(JSON.stringify({ ids: [newId()] }));
        const call = {
          to,
          path: '/x/v1/status',
          group: '-',
          purpose: 'status',
          schema: '-',
          offer: null,
        } as const;
        const answer = await peers.call({ ...call, mid: newId(), body });
        if (answer.status === 200) answered += 1;
        else refused.push(answer.body.toString());
      } catch (error) {
        refused.push(String(error));
      }
      await sleep(10);
    }
  }

  async function demandNoFailure(): Promise<void> {
    const before = answered;
    await until('more traffic', () => answered > before + 20);
    assert.deepEqual(refused, []);
    for (const gateway of [bank, insurer]) {
      const failed = (await listDeliveries(gateway.database, { limit: 1000 })).filter(
        ({ code, state }) => code !== null || state === 'refused',
      );
      assert.deepEqual(failed, []);
    }
  }
  const bankWith = (change: (member: RegistryMember) => Partial<RegistryMember>): Partial<RegistryBody> =>
    membersWith(publisher, 'bank-a', change);
  async function publish(change: Partial<RegistryBody>): Promise<void> {
    await publisher.publish(change, directory);
    const serial = publisher.chain.length;
    await until('adopted', () =>
      [bank, insurer].every(({ registry }) => registry.current().serial === serial),
    );
  }

  async function nextIdentity(ca: Authority): Promise<{ x5t: string; nbf: number; exp: number }> {
    const key = await generateRsaKey();
    const life = { nbf: new Date(Date.now() - 60_000), exp: new Date(Date.now() + 86_400_000) };
    const cert = issueCertificate({
      ca,
      csrPem: createRequest('gateway', { commonName: 'bank-a gw1' }, key),
      profile: 'gateway',
      names: {
        uri: `urn:lianzheng:${founded.config.alliance}:bank-a:gw1`,
        dns: ['localhost'],
        ip: ['127.0.0.1'],
      },
      ...life,
    });
    writeFileSync(`${founded.config.keys.tlsKey}.next`, key, { mode: 0o600 });
    writeFileSync(`${founded.config.keys.tlsCert}.next`, cert);
    return { x5t: x5t(cert), nbf: seconds(life.nbf), exp: seconds(life.exp) };
  }
  const rename = (path: string): void => renameSync(`${path}.next`, path);

  it('of the TLS key and certificate, in both directions, and the old one delisted', async () => {
    const { tlsKey, tlsCert } = founded.config.keys;
    const old = x5t(readFileSync(tlsCert, 'utf8'));
    const next = await nextIdentity(alliance.founded.ca);
    const certs = (keep: readonly string[]) => (member: RegistryMember) => ({
      gateways: member.gateways.map((one) => ({
        ...one,
        certs: [...one.certs, next].filter(({ x5t: id }, at, all) => {
          return keep.includes(id) && all.findIndex((other) => other.x5t === id) === at;
        }),
      })),
    });
    await publish(bankWith(certs([old, next.x5t])));
    assert.equal(x5t(bank.tls.cert), old, 'not before peers know it');
    await until('the new certificate is in use', () => x5t(bank.tls.cert) === next.x5t);
    await sleep(1500);
    await demandNoFailure();
    rename(tlsKey);
    rename(tlsCert);
    await sleep(2500);
    await publish(bankWith(certs([next.x5t])));
    await demandNoFailure();
    assert.equal(x5t(bank.tls.cert), next.x5t);
  });

  it('of the seal key, the old one superseded', async () => {
    const { seal } = founded.config.keys;
    const { privateJwk, publicJwk, kid } = await generateSealKey('Ed25519');
    writeFileSync(`${seal}.next`, JSON.stringify(privateJwk));
    chmodSync(`${seal}.next`, 0o644);
    const endorsement = await endorseKey(
      { alliance: founded.config.alliance, member: 'bank-a', kid },
      await keyFrom(seal),
    );
    const now = seconds(new Date());
    const next = {
      kid,
      jwk: publicJwk,
      alg: 'Ed25519',
      use: 'seal',
      nbf: now - 60,
      exp: now + 86_400,
    } as const;
    await publish(bankWith(({ keys }) => ({ keys: [...keys, { ...next, endorsement }] })));
    await sleep(2 * LOOK_MS);
    assert.notEqual(bank.features.sealKey.kid, kid, 'a file that others may read was used');
    chmodSync(`${seal}.next`, 0o600);
    await until('the new key signs', () => bank.features.sealKey.kid === kid);
    await demandNoFailure();
    rename(seal);
    await sleep(1000);
    const revoked = { at: new Date().toISOString(), reason: 'superseded' as const };
    await publish(
      bankWith(({ keys }) => ({ keys: keys.map((key) => (key.kid === kid ? key : { ...key, revoked })) })),
    );
    await demandNoFailure();
    assert.equal(bank.features.sealKey.kid, (await importSigningKey(privateJwk)).kid);
  });

  it('of the CA, an operator key and the freshness key', async () => {
    const ca = await createAuthority({ name: 'second root', alliance: founded.config.alliance });
    const { body } = publisher.chain.at(-1)!;
    await publish({ cas: [...body.cas, ca.certPem] });
    await demandNoFailure();
    const next = await nextIdentity(ca);
    await publish(
      bankWith(({ gateways }) => ({
        gateways: gateways.map((one) => ({ ...one, certs: [...one.certs, next] })),
      })),
    );
    await until('the certificate of the new CA is in use', () => x5t(bank.tls.cert) === next.x5t);
    await demandNoFailure();

    const fresh = await generateSealKey('Ed25519');
    const operator = await generateSealKey('Ed25519');
    writeFileSync(join(alliance.directory, 'alliance', 'freshness.jwk'), JSON.stringify(fresh.privateJwk));
    const { operators } = body;
    publisher.renewFreshnessKey();
    await publish({
      freshnessKey: { ...fresh.publicJwk, kid: fresh.kid, alg: 'Ed25519' },
      operators: {
        ...operators,
        keys: [...operators.keys.slice(1), { ...operator.publicJwk, kid: operator.kid, alg: 'Ed25519' }],
      },
    });
    for (const { registry } of [bank, insurer]) {
      await until('a statement by the new key', () => {
        const { payload = '' } = (registry.freshness() ?? {}) as { payload?: string };
        return Buffer.from(payload, 'base64url').toString().includes(`"serial":${publisher.chain.length}`);
      });
    }
    const second = alliance.founded.operatorKeys[1]!;
    const registry = await publisher.next(
      {},
      { operators: [second, await importSigningKey(operator.privateJwk)] },
    );
    publisher.chain.push(registry);
    await publisher.put(registry, directory);
    await until('adopted', () => insurer.registry.current().serial === registry.body.serial);
    await demandNoFailure();
    console.log(`      ${answered} status calls answered, none failed`);
  });
});
