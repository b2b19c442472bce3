import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '../../src/core/canonical.ts';
import { nextRegistry } from '../../src/federation/alliance.ts';
import { signRegistry, type RegistryDocument } from '../../src/federation/registry/registry-document.ts';
import { listEvidence } from '../../src/federation/registry/keeping/registry-store.ts';
import { digestOf, publish, testAlliance, type TestAlliance } from './alliance.ts';
import { openGateway, openKeeper, putFreshness, putRegistry, type Gateway } from './gateway.ts';

const json = (document: RegistryDocument) => document as unknown as JsonValue;

describe('registry keeper', () => {
  let alliance: TestAlliance;
  let gateway: Gateway;
  beforeEach(async () => {
    alliance = await testAlliance();
    gateway = await openGateway(alliance, alliance.members.a);
  });
  afterEach(() => gateway.close());

  const second = (change: Parameters<typeof nextRegistry>[1] = {}) =>
    nextRegistry({ body: alliance.body, sha256: digestOf(alliance.body) }, change, { now: new Date() });
  const reopen = () =>
    openKeeper(alliance, {
      world: gateway.world,
      ledger: gateway.ledger,
      directory: gateway.directory,
      clock: () => new Date(),
      member: gateway.member.id,
      onError: (error) => void gateway.errors.push(error),
    });

  it('adopts the successor, tells listeners and logs it once', async () => {
    const seen: number[] = [];
    gateway.registry.onChange((view) => seen.push(view.serial));
    putRegistry(gateway.directory, 2, await publish(alliance, second()));
    await Promise.all([gateway.registry.refresh(), gateway.registry.refresh()]);
    assert.deepEqual(seen, [2]);
    assert.equal(gateway.registry.current().serial, 2);
    assert.equal(gateway.registry.at(1)?.serial, 1);
    assert.equal(gateway.registry.documents().length, 2);
    const logged = (await gateway.entries()).filter((entry) => entry.kind === 'registry.adopted');
    assert.deepEqual(
      logged.map((entry) => entry.subject.sha256),
      [digestOf(alliance.body), gateway.registry.current().sha256],
    );
  });

  it('shares one look among all who ask before it begins, and begins another for who asks later', async () => {
    const { registry, directory } = gateway;
    const first = registry.refresh();
    assert.equal(registry.refresh(), first);
    await Promise.resolve();
    putRegistry(directory, 2, await publish(alliance, second()));
    const next = registry.refresh();
    assert.notEqual(next, first);
    assert.equal(registry.refresh(), next);
    await next;
    assert.equal(registry.current().serial, 2);
  });

  it('remembers the highest serial over a restart and refuses a directory that was set back', async () => {
    putRegistry(gateway.directory, 2, await publish(alliance, second()));
    await gateway.registry.refresh();
    rmSync(join(gateway.directory, 'registry-2.json'));
    const restarted = await reopen();
    restarted.close();
    assert.equal(restarted.current().serial, 2);
    assert.deepEqual(gateway.errors.map(codeOf), ['registry.rollback']);
    const evidence = await listEvidence(gateway.world.database);
    assert.deepEqual(
      evidence.map(({ code, serial }) => [code, serial]),
      [['registry.rollback', 1]],
    );
  });

  it('has from the database what another process adopted and found fresh, and logs it no second time', async () => {
    const empty = join(gateway.directory, 'of-another-machine');
    mkdirSync(empty);
    const other = await openKeeper(alliance, {
      world: gateway.world,
      ledger: gateway.ledger,
      directory: empty,
      clock: () => new Date(),
      member: gateway.member.id,
      onError: (error) => void gateway.errors.push(error),
    });
    try {
      other.assertFresh(new Date());
      const seen: number[] = [];
      other.onChange(({ serial }) => seen.push(serial));
      const next = await publish(alliance, second());
      putRegistry(gateway.directory, 2, next);
      await gateway.registry.refresh();
      await other.refresh();
      assert.deepEqual([other.current().serial, seen], [2, [2]]);
      await putFreshness(gateway.directory, alliance, gateway.registry.current());
      await gateway.registry.refresh();
      await other.refresh();
      other.assertFresh(new Date());
      assert.deepEqual(other.freshUntil(), gateway.registry.freshUntil());
      const logged = (await gateway.entries()).filter(({ kind }) => kind === 'registry.adopted');
      assert.deepEqual([logged.length, gateway.errors], [2, []]);
    } finally {
      other.close();
    }
  });

  it('believes no freshness statement for lying in the database', async () => {
    const held = gateway.registry.freshness() as { readonly payload: string };
    const said = JSON.parse(Buffer.from(held.payload, 'base64url').toString()) as object;
    const longer = { ...said, issuedAt: new Date(Date.now() + 1000).toISOString() };
    const forged = { ...held, payload: Buffer.from(JSON.stringify(longer)).toString('base64url') };
    await gateway.world.database.query(
      `INSERT INTO registry_freshness (document, until) VALUES ($1, '2999-01-01')
       ON CONFLICT (id) DO UPDATE SET document = excluded.document, until = excluded.until`,
      [JSON.stringify(forged)],
    );
    const restarted = await reopen();
    restarted.close();
    assert.deepEqual(gateway.errors.map(codeOf), ['registry.signature-invalid']);
    assert.deepEqual(restarted.freshUntil(), gateway.registry.freshUntil());
  });

  it('refuses another payload under a known serial and keeps both documents', async () => {
    putRegistry(gateway.directory, 2, await publish(alliance, second()));
    await gateway.registry.refresh();
    const fork = await publish(alliance, second({ grants: [] }));
    await assert.rejects(gateway.registry.offer(json(fork)), { code: 'registry.fork' });
    assert.equal(gateway.registry.current().body.grants.length, 3);
    const [evidence] = await listEvidence(gateway.world.database);
    assert.deepEqual(JSON.parse(evidence?.document ?? ''), fork);
    assert.equal(evidence?.code, 'registry.fork');
  });

  it('keeps no evidence of a forgery, and takes more signatures on a known payload as known', async () => {
    const [first, , third] = alliance.operators;
    assert.ok(first && third);
    const forged = await signRegistry(alliance.body.serial === 1 ? second() : alliance.body, [first.signing]);
    await assert.rejects(gateway.registry.offer(json(forged)), { code: 'registry.signature-invalid' });
    const other = await signRegistry(alliance.body, [first.signing, third.signing]);
    assert.equal(await gateway.registry.offer(json(other)), 'known');
    assert.deepEqual(await listEvidence(gateway.world.database), []);
  });

  it('adopts nothing over a gap and catches up when the gap is filled', async () => {
    const two = second();
    const three = nextRegistry({ body: two, sha256: digestOf(two) }, {}, { now: new Date() });
    putRegistry(gateway.directory, 3, await publish(alliance, three));
    await gateway.registry.refresh();
    assert.deepEqual(gateway.errors.map(codeOf), ['registry.chain-broken']);
    putRegistry(gateway.directory, 2, await publish(alliance, two));
    await gateway.registry.refresh();
    assert.equal(gateway.registry.current().serial, 3);
  });

  it('is stale without a statement about the current registry and fresh with one', async () => {
    const { registry, directory } = gateway;
    registry.assertFresh(new Date());
    assert.throws(() => registry.assertFresh(new Date(Date.now() + 601_000)), { code: 'registry.stale' });
    assert.throws(() => registry.assertFresh(new Date(Date.now() - 120_000)), { code: 'registry.stale' });
    assert.throws(() => registry.assertFresh(new Date('2099-01-01')), { code: 'registry.expired' });
    putRegistry(directory, 2, await publish(alliance, second()));
    await registry.refresh();
    registry.assertFresh(new Date());
    const restarted = await reopen();
    restarted.close();
    assert.throws(() => restarted.assertFresh(new Date()), { code: 'registry.stale' });
    await putFreshness(directory, alliance, registry.current());
    await restarted.refresh();
    restarted.assertFresh(new Date());
  });

  it('refuses a freshness statement by another key', async () => {
    const [operator] = alliance.operators;
    assert.ok(operator);
    const forged = { ...alliance, freshness: operator };
    await putFreshness(gateway.directory, forged, gateway.registry.current());
    await gateway.world.database.query('DELETE FROM registry_freshness');
    const restarted = await reopen();
    restarted.close();
    assert.throws(() => restarted.assertFresh(new Date()), { code: 'registry.stale' });
    assert.deepEqual(gateway.errors.map(codeOf), ['registry.signature-invalid']);
  });

  it("doesn't believe a database that someone wrote a registry into", async () => {
    const [first] = alliance.operators;
    assert.ok(first);
    const forged = await signRegistry(second({ grants: [] }), [first.signing]);
    await gateway.world.database.query(
      `INSERT INTO registry (serial, sha256, document, adopted_at, ledger_key) VALUES (2, 'x', $1, now(), '')`,
      [JSON.stringify(forged)],
    );
    await assert.rejects(reopen(), { code: 'registry.signature-invalid' });
  });
});

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}
