import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonValue } from '../../src/core/canonical.ts';
import { nextRegistry } from '../../src/federation/alliance.ts';
import { signFreshness } from '../../src/federation/registry/freshness.ts';
import { PeerClient } from '../../src/federation/peers/peer-client.ts';
import { signRegistry, type RegistryDocument } from '../../src/federation/registry/registry-document.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { startPeerRounds, type PeerRounds } from '../../src/federation/registry/peers/peer-rounds.ts';
import { listEvidence } from '../../src/federation/registry/keeping/registry-store.ts';
import { loadSchemas } from '../../src/wire/schema-registry.ts';
import { fileURLToPath } from 'node:url';
import { digestOf, publish } from './alliance.ts';
import { openGateway, putRegistry, type Gateway } from './gateway.ts';
import { startPeer, tlsAlliance, type TestPeer, type TlsAlliance } from './peer.ts';

const schemas = loadSchemas(fileURLToPath(new URL('../../schemas', import.meta.url)));

interface Told {
  readonly documents?: readonly RegistryDocument[];
  readonly serial?: number;
  readonly sha256?: string;
  readonly more?: boolean;
  readonly freshness?: unknown;
}

/** bank-a asks bank-b, whose every answer is scripted, signed and over real TLS. */
describe('rounds in which peers are asked for the registry', function () {
  this.timeout(30_000);
  let tls: TlsAlliance;
  let peer: TestPeer;
  let gateway: Gateway;
  let client: PeerClient;
  let rounds: PeerRounds;
  let failures: unknown[] = [];
  before(async () => {
    tls = await tlsAlliance();
    peer = await startPeer(tls);
  });
  after(() => peer.close());
  beforeEach(async () => {
    failures = [];
    peer.requests.length = 0;
    gateway = await openGateway(tls.alliance, tls.alliance.members.a);
    const { registry } = gateway;
    client = new PeerClient({
      ...{ registry, member: 'bank-a', tls: tls.a, clock: () => new Date(), allowPrivateNetworks: true },
      sealKey: tls.alliance.members.a.seal.signing,
    });
    tell({});
    rounds = startPeerRounds({
      ...{ client, registry, schemas, member: 'bank-a', clock: () => new Date() },
      ...{ roundMs: 3_600_000, freezeAfterMs: 0 },
      onError: (error, who) => {
        if (who === 'bank-b') failures.push(error);
      },
    });
  });
  afterEach(async () => {
    await rounds.close();
    await client.close();
    await gateway.close();
  });

  const first = () => ({ body: tls.alliance.body, sha256: digestOf(tls.alliance.body) });
  const second = (change: Parameters<typeof nextRegistry>[1] = {}) =>
    nextRegistry(first(), change, { now: new Date() });
  function tell(told: Told): void {
    const head = { serial: 1, sha256: first().sha256, documents: [], more: false, freshness: null };
    peer.script = () => ({ status: 200, body: Buffer.from(JSON.stringify({ ...head, ...told })) });
  }
  const evidence = async (): Promise<readonly string[]> =>
    (await listEvidence(gateway.world.database)).map(({ code, source }) => `${code} ${source}`);
  const codes = (): unknown[] => failures.map((error) => (error as { code?: unknown }).code);

  it('adopts what a peer holds by the same rules as a file, and keeps whose it was', async () => {
    const body = second();
    const freshness = await signFreshness(
      createRegistryView({ body, sha256: digestOf(body) }),
      tls.alliance.freshness.signing,
      { now: new Date() },
    );
    tell({ documents: [await publish(tls.alliance, body)], serial: 2, sha256: digestOf(body), freshness });
    await rounds.round();
    assert.equal(gateway.registry.current().serial, 2);
    assert.deepEqual(gateway.registry.freshness(), JSON.parse(JSON.stringify(freshness)));
    const { rows } = await gateway.world.database.query('SELECT source FROM registry ORDER BY serial');
    assert.deepEqual(rows, [{ source: 'directory' }, { source: 'bank-b' }]);
  });

  it('believes nothing because of who says it: no forged document, no forged statement, no claim', async () => {
    const [operator] = tls.alliance.operators;
    const forged = await signRegistry(second({ grants: [] }), [operator!.signing]);
    tell({ documents: [forged], serial: 2, sha256: 'f'.repeat(64) });
    await rounds.round();
    assert.deepEqual([gateway.registry.current().serial, ...codes()], [1, 'registry.signature-invalid']);
    const statement = await signFreshness(gateway.registry.current(), operator!.signing, { now: new Date() });
    tell({ freshness: statement });
    rounds.hint('bank-b');
    await sleep(2100);
    await rounds.round();
    assert.equal(codes().at(-1), 'registry.signature-invalid');
    assert.deepEqual(await evidence(), []);
  });

  it('asks a peer that claims in vain again only after a while, however often it claims', async () => {
    await rounds.round();
    const [before, started] = [peer.requests.length, Date.now()];
    for (let n = 0; n < 300; n++) {
      rounds.hint('bank-b');
      await sleep(5);
    }
    const asked = peer.requests.length - before;
    const most = Math.ceil((Date.now() - started) / 1000) + 1;
    assert.ok(asked >= 1 && asked <= most, `${asked} questions for 300 claims, at most ${most}`);
  });

  it('finds the fork behind a successor that does not follow ours', async () => {
    const [ours, theirs] = [second(), second({ grants: [] })];
    putRegistry(gateway.directory, 2, await publish(tls.alliance, ours));
    await gateway.registry.refresh();
    const third = nextRegistry({ body: theirs, sha256: digestOf(theirs) }, {}, { now: new Date() });
    const [two, three] = [await publish(tls.alliance, theirs), await publish(tls.alliance, third)];
    peer.script = ({ body }) => {
      const { from } = JSON.parse(body.toString()) as { from: number };
      const documents = from === 2 ? [two] : [three];
      const answer = { serial: 3, sha256: digestOf(third), documents, more: false, freshness: null };
      return { status: 200, body: Buffer.from(JSON.stringify(answer)) };
    };
    await rounds.round();
    assert.deepEqual(await evidence(), ['registry.fork bank-b']);
    assert.throws(() => gateway.registry.assertFresh(new Date()), { code: 'registry.fork' });
    assert.equal(gateway.registry.current().sha256, digestOf(ours));
    const logged = (await gateway.entries()).filter(({ kind }) => kind === 'registry.alarm');
    assert.deepEqual(
      logged.map(({ code, peer: from, subject }) => [code, from, subject.sha256]),
      [['registry.fork', 'bank-b', digestOf(theirs)]],
    );
  });

  it('a statement for another payload under our serial is a fork too', async () => {
    const other = createRegistryView({ body: tls.alliance.body, sha256: 'a'.repeat(64) });
    tell({ freshness: await signFreshness(other, tls.alliance.freshness.signing, { now: new Date() }) });
    await rounds.round();
    assert.deepEqual(await evidence(), ['registry.stated-fork bank-b']);
    assert.throws(() => gateway.registry.assertFresh(new Date()), { code: 'registry.fork' });
  });

  it('two registries by operators of long ago are kept, and stop nobody', async () => {
    const fresh = tls.alliance.operators.slice(1);
    const keys = { threshold: 2, keys: fresh.map(({ jwk }) => jwk) };
    const ours = second({ operators: keys });
    putRegistry(gateway.directory, 2, await publish(tls.alliance, ours));
    await gateway.registry.refresh();
    const old = await publish(tls.alliance, second({ grants: [] }));
    await assert.rejects(gateway.registry.offer(old as unknown as JsonValue, 'bank-b'), {
      code: 'registry.fork',
    });
    assert.deepEqual(await evidence(), ['registry.fork bank-b']);
    gateway.registry.assertFresh(new Date());
  });

  it('a peer that is kept at an old registry without a living statement is frozen: logged once, with its signed answer', async () => {
    const expired = await signFreshness(gateway.registry.current(), tls.alliance.freshness.signing, {
      now: new Date(Date.now() - 3_600_000),
    });
    const living = await signFreshness(gateway.registry.current(), tls.alliance.freshness.signing, {
      now: new Date(),
    });
    putRegistry(gateway.directory, 2, await publish(tls.alliance, second()));
    await gateway.registry.refresh();
    tell({ freshness: living });
    await rounds.round();
    assert.deepEqual(await evidence(), [], 'a little behind is not frozen');
    tell({ freshness: expired });
    await rounds.round();
    await rounds.round();
    assert.deepEqual(await evidence(), ['registry.freeze bank-b']);
    const [kept] = await listEvidence(gateway.world.database);
    const { token, body } = JSON.parse(kept!.document) as { token: string; body: string };
    assert.equal(token.split('.').length, 3);
    assert.deepEqual((JSON.parse(body) as Told).freshness, JSON.parse(JSON.stringify(expired)));
    gateway.registry.assertFresh(new Date());
  });

  it('an answer that breaks its schema is refused', async () => {
    tell({ serial: 0 });
    await rounds.round();
    assert.deepEqual(codes(), ['schema.invalid']);
  });
});
