import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { listEvidence, type KeptEvidence } from '../../src/federation/registry/keeping/registry-store.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { registryEvidence, resolveRegistry } from '../../src/gateway/registry/registry-evidence.ts';
import { run } from '../cli/console.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { publisherOf, until, type Publisher } from './registries.ts';

const commands = { registryEvidence, resolveRegistry };

/** Only bank-a has the operators' directory; the insurer's is empty, or holds what a test puts there. */
describe('registries between gateways', function () {
  this.timeout(120_000);
  let alliance: TestAlliance;
  let publisher: Publisher;
  let directory: string;
  let own: string;
  let ahead = 0;
  before(async () => {
    alliance = await openTestAlliance({
      members: ['bank-a', 'insurer-b'],
      clock: () => new Date(Date.now() + ahead),
      configure: (config) => {
        const registry = { ...config.registry, pollMs: 200, peerPollMs: 400 };
        return { ...config, registry };
      },
    });
    publisher = publisherOf(alliance.founded);
    directory = join(alliance.directory, 'alliance', 'registry');
    own = join(alliance.directory, 'insurer-registry');
    mkdirSync(own);
    // The insurer has adopted the first registry; from now on its own directory is another one.
    await alliance.stop('insurer-b');
    const { configPath } = alliance.founded.members[1]!;
    const config = JSON.parse(readFileSync(configPath, 'utf8')) as { registry: { dir: string } };
    config.registry.dir = own;
    writeFileSync(configPath, JSON.stringify(config), { mode: 0o600 });
    await alliance.start('insurer-b');
  });
  after(() => alliance.close());
  const gateway = (id: string): Gateway => alliance.gateway(id);
  const serials = (): number[] => ['bank-a', 'insurer-b'].map((id) => gateway(id).registry.current().serial);

  async function push(from: Gateway): Promise<string | null | undefined> {
    await pushFeatures(from.features, {
      ...{ group: FEATURE_GROUP, purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'], actor: 'tester' },
      lines: [{ type: 'domain', value: `r${Math.random().toString(36).slice(2)}.example`, confidence: 95 }],
    });
    await until('an attempt', async () => {
      const [last] = await listDeliveries(from.database, { limit: 1 });
      return last?.state === 'acked' || last?.code !== null;
    });
    return (await listDeliveries(from.database, { limit: 1 }))[0]?.code;
  }

  it('a gateway without directory becomes fresh through a peer, and exchanges', async () => {
    await until('fresh', () => isFresh(gateway('insurer-b')));
    assert.equal(await push(gateway('insurer-b')), null);
  });

  it('a publication reaches it within a second or two, in several pages of documents, and survives a restart', async () => {
    await alliance.stop('insurer-b');
    for (let n = 0; n < 20; n++) await publisher.publish({}, directory);
    await gateway('bank-a').registry.refresh();
    await alliance.start('insurer-b');
    await until('caught up', () => serials().join() === '21,21');
    rmSync(own, { recursive: true });
    await alliance.stop('insurer-b');
    const restarted = await alliance.start('insurer-b');
    assert.equal(restarted.registry.current().serial, 21, 'from its own database');
    const published = await publisher.publish({}, directory);
    await until('announced', () => serials().join() === '22,22');
    assert.ok(Date.now() - published < 5000, `${Date.now() - published} ms`);
  });

  it('a request made under a newer registry is accepted, and its sender asked in the background', async () => {
    await until('fresh', () => isFresh(gateway('insurer-b')));
    await publisher.publish({}, directory);
    await gateway('bank-a').registry.refresh();
    // What pins a registry that the insurer does not have yet waits for it (decision 0007).
    assert.ok([null, 'token.registry-unknown'].includes((await push(gateway('bank-a'))) ?? null), 'refused');
    await gateway('bank-a').delivery.idle();
    assert.equal((await listDeliveries(gateway('bank-a').database, { limit: 1 }))[0]?.state, 'acked');
    await until('told by reg', () => serials().join() === '23,23');
  });

  it('a statement that runs out stops live traffic, and one from a peer starts it again', async () => {
    const bank = gateway('bank-a');
    ahead = 15 * 60_000;
    assert.equal(isFresh(gateway('insurer-b')), false);
    assert.equal(isFresh(bank), false);
    ahead = 0;
    await until('both fresh', () => isFresh(bank) && isFresh(gateway('insurer-b')));
  });

  it('two registries under one serial: both sides keep both, log it, and exchange nothing more', async () => {
    const bank = gateway('bank-a');
    const [left, right] = [
      await publisher.next({}),
      await publisher.next({ witnessPolicy: null, grants: [] }),
    ];
    await alliance.stop('insurer-b');
    await publisher.put(left, directory);
    await bank.registry.refresh();
    await bank.registry.refresh();
    await publisher.put(right, own);
    const other = await alliance.start('insurer-b');
    assert.equal(other.registry.current().sha256, right.sha256);
    for (const [one, theirs] of [
      [bank, right],
      [other, left],
    ] as const) {
      const forks = async (): Promise<readonly KeptEvidence[]> =>
        (await listEvidence(one.database)).filter(({ code }) => code === 'registry.fork');
      await until('the alarm', async () => (await forks()).length > 0);
      const [fork] = await forks();
      assert.ok(fork, 'no evidence');
      assert.equal(fork.sha256, theirs.sha256);
      assert.deepEqual(JSON.parse(fork.document), theirs.document);
      assert.throws(() => one.registry.assertFresh(new Date()), { code: 'registry.fork' });
      const logged = `SELECT body FROM ledger_entry WHERE body LIKE '%"kind":"registry.alarm"%'`;
      await until('the entry', async () => (await one.database.query(logged)).rows.length > 0);
    }
    assert.equal(await push(bank), 'registry.fork');
  });

  it('which lasts over a restart, until an operator of the gateway resolves it', async () => {
    await alliance.stop('bank-a');
    const bank = await alliance.start('bank-a');
    assert.throws(() => bank.registry.assertFresh(new Date()), { code: 'registry.fork' });
    const config = ['--config', alliance.founded.members[0]!.configPath];
    const shown = await run(['registry', 'evidence', ...config, '--json'], {}, commands);
    assert.equal(shown.code, 1, shown.err);
    const { id } = shown.json.evidence[0];
    const reason = ['--reason', 'the operators confirmed ours'];
    const other = await run(['registry', 'resolve', '99', ...config, ...reason], {}, commands);
    assert.notEqual(other.code, 0);
    for (const { id: one } of shown.json.evidence as { id: number }[]) {
      const resolved = await run(['registry', 'resolve', String(one), ...config, ...reason], {}, commands);
      assert.equal(resolved.code, 0, resolved.err);
    }
    assert.equal((await run(['registry', 'evidence', ...config], {}, commands)).code, 0, String(id));
    await bank.registry.refresh();
    bank.registry.assertFresh(new Date());
    const logged = `SELECT body FROM ledger_entry WHERE body LIKE '%"kind":"registry.resolved"%'`;
    await until('the entry', async () => (await bank.database.query(logged)).rows.length > 0);
  });

  it('and whose registry does not count takes the other one, and exchanges again', async () => {
    await alliance.stop('insurer-b');
    const config = ['--config', alliance.founded.members[1]!.configPath];
    const args = [...config, '--reason', 'operators 1 and 2 by telephone'];
    const shown = await run(['registry', 'evidence', ...config, '--json'], {}, commands);
    for (const { id, code } of shown.json.evidence as { id: number; code: string }[]) {
      const take = code === 'registry.fork' ? ['--take-theirs'] : [];
      const resolved = await run(['registry', 'resolve', String(id), ...args, ...take], {}, commands);
      assert.equal(resolved.code, 0, resolved.err);
    }
    const insurer = await alliance.start('insurer-b');
    const bank = gateway('bank-a');
    assert.equal(insurer.registry.current().sha256, bank.registry.current().sha256);
    await until('fresh', () => isFresh(insurer) && isFresh(bank));
    await insurer.registry.refresh();
    assert.equal(isFresh(insurer), true, 'its directory still holds the registry that was given up');
    assert.equal(await push(bank), null);
  });
});

function isFresh({ registry, evidence }: Gateway): boolean {
  try {
    registry.assertFresh(evidence.clock());
    return true;
  } catch {
    return false;
  }
}
