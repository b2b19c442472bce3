import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { programSchemas } from '../../src/config.ts';
import type { JsonValue } from '../../src/core/canonical.ts';
import { nextRegistry } from '../../src/federation/alliance.ts';
import { readNext } from '../../src/federation/registry/registry-chain.ts';
import { signRegistry } from '../../src/federation/registry/registry-document.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { pushFeatures } from '../../src/features/push.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { cosignaturesOf } from '../../src/ledger/notes/cosignature.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { readPolicy } from '../../src/ledger/witness/policy.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { testCluster } from '../world/database.ts';

const SHARING = {
  group: FEATURE_GROUP,
  purpose: 'RISK_PREVENTION',
  legalBasis: ['PIPL-13'],
  actor: 'test',
} as const;

describe('members that watch each other', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  let administrator: pg.Client;
  const MEMBERS = ['bank-a', 'insurer-b', 'regulator-r', 'police-p'];

  before(async () => {
    alliance = await openTestAlliance({ members: MEMBERS });
    administrator = new pg.Client({ connectionString: (await testCluster()).url() });
    await administrator.connect();
  });
  after(async () => {
    await administrator.end();
    await alliance.close();
  });

  const policy = () => readPolicy(alliance.founded.registry.body.witnessPolicy ?? 'quorum none\n');
  const healthOf = async (gateway: Gateway) => {
    const answer = await fetch(`${gateway.memberUrl}/v1/health`);
    return (await answer.json()) as { status: string; reasons: { code: string; message: string }[] };
  };
  async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      if (await condition()) return;
      await sleep(100);
    }
    assert.fail(`not reached: ${what}`);
  }
  const act = async (gateway: Gateway, value: string): Promise<void> => {
    await pushFeatures(gateway.features, { ...SHARING, lines: [{ type: 'domain', value }] });
  };
  const quiet = async (gateway: Gateway): Promise<void> => {
    await gateway.delivery.idle();
    await until('a quorum on the newest checkpoint', async () => {
      const { checkpoint } = await gateway.ledger.latest();
      const signers = cosignaturesOf(
        checkpoint,
        policy().witnesses.map(({ vkey }) => vkey),
      );
      return policy().isQuorum(new Set(signers.map(({ vkey }) => vkey)));
    });
  };
  const publishNext = async (): Promise<number> => {
    const { registry, operatorKeys, directory, anchors } = alliance.founded;
    const body = nextRegistry(registry, {}, { now: new Date() });
    const document = await signRegistry(body, operatorKeys.slice(0, 2));
    const { alliance: name, operators } = anchors;
    const value = JSON.parse(JSON.stringify(document)) as JsonValue;
    const next = await readNext(value, registry, { alliance: name, operators, schemas: programSchemas() });
    await writeFile(
      join(directory, 'alliance', 'registry', `registry-${body.serial}.json`),
      JSON.stringify(document),
    );
    await alliance.founded.refresh(createRegistryView(next));
    return body.serial;
  };
  const databaseOf = (gateway: Gateway): string => new URL(gateway.config.database.url).pathname.slice(1);
  const audit = async (gateway: Gateway) => {
    const directory = await mkdtemp(join(tmpdir(), 'lianzheng-audit-'));
    try {
      const { size } = await exportLedger(databaseSource(gateway.database), directory);
      const { member, ledger } = { member: gateway.config.member, ledger: gateway.ledger };
      const trusted = { member, origin: ledger.origin, vkeys: [{ vkey: ledger.vkey }] };
      const report = await verifyLedgers([directory], { ledgers: [trusted], registryDigests: new Map() });
      return { size, ok: report.ok, note: await readFile(join(directory, 'checkpoint'), 'utf8') };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };

  it('cosign what grows, and the export carries the cosignatures', async () => {
    const gateway = alliance.gateway('bank-a');
    await until('an open ledger', async () => (await healthOf(gateway)).status === 'ready');
    await act(gateway, 'one.example.com');
    await quiet(gateway);
    const { ok, note } = await audit(gateway);
    assert.equal(ok, true);
    assert.ok(
      cosignaturesOf(
        note,
        policy().witnesses.map(({ vkey }) => vkey),
      ).length >= 2,
    );
  });

  it('quarantine a member whose database is of yesterday, and let it go on with the newest', async () => {
    const name = databaseOf(alliance.gateway('bank-a'));
    await alliance.stop('bank-a');
    await administrator.query(`CREATE DATABASE ${name}_yesterday TEMPLATE ${name}`);
    let gateway = await alliance.start('bank-a');
    await act(gateway, 'two.example.com');
    await quiet(gateway);
    const { size } = await gateway.ledger.latest();
    await alliance.stop('bank-a');
    await administrator.query(`ALTER DATABASE ${name} RENAME TO ${name}_newest`);
    await administrator.query(`ALTER DATABASE ${name}_yesterday RENAME TO ${name}`);

    gateway = await alliance.start('bank-a');
    await until('quarantine', async () =>
      (await healthOf(gateway)).reasons.some(({ code }) => code === 'ledger.quarantined'),
    );
    const before = await audit(gateway);
    assert.ok(before.size < size);
    await assert.rejects(act(gateway, 'three.example.com'), { code: 'ledger.quarantined' });
    // A peer's message is refused for the time being, and stays in the peer's outbox.
    await act(alliance.gateway('insurer-b'), 'four.example.com');
    await sleep(1500);
    assert.deepEqual(await audit(gateway), before);
    assert.equal(before.ok, true, 'alone, the restored ledger looks sound');
    // It cannot log that it adopted a registry, and judges its readers by it all the same.
    const serial = await publishNext();
    await until('the next registry', () => Promise.resolve(gateway.registry.current().serial === serial));
    assert.deepEqual(await audit(gateway), before);

    await alliance.stop('bank-a');
    await administrator.query(`ALTER DATABASE ${name} RENAME TO ${name}_wrong`);
    await administrator.query(`ALTER DATABASE ${name}_newest RENAME TO ${name}`);
    gateway = await alliance.start('bank-a');
    await until('an open ledger', async () => (await healthOf(gateway)).status === 'ready');
    await act(gateway, 'five.example.com');
    await quiet(gateway);
    await alliance.gateway('insurer-b').delivery.idle();
    const after = await audit(gateway);
    assert.ok(after.size > size);
    assert.equal(after.ok, true);
  });

  it('quarantine it by what its peers were shown, when no witness remembers', async () => {
    const name = databaseOf(alliance.gateway('bank-a'));
    await alliance.stop('bank-a');
    await administrator.query(`CREATE DATABASE ${name}_before TEMPLATE ${name}`);
    let gateway = await alliance.start('bank-a');
    await act(gateway, 'seven.example.com');
    await quiet(gateway);
    await alliance.stop('bank-a');
    await administrator.query(`ALTER DATABASE ${name} RENAME TO ${name}_after`);
    await administrator.query(`ALTER DATABASE ${name}_before RENAME TO ${name}`);
    const others = ['insurer-b', 'regulator-r', 'police-p'];
    for (const member of others) {
      const { database } = alliance.gateway(member);
      await database.query('DELETE FROM witness_log');
    }
    // A witness that runs on refuses a memory that was set back; these start with it.
    for (const member of others) await alliance.stop(member);
    for (const member of others) await alliance.start(member);
    gateway = await alliance.start('bank-a');
    await until('quarantine', async () =>
      (await healthOf(gateway)).reasons.some(({ message }) => /was shown \d+ entries of ours/.test(message)),
    );
    await alliance.stop('bank-a');
    await administrator.query(`ALTER DATABASE ${name} RENAME TO ${name}_wrong_again`);
    await administrator.query(`ALTER DATABASE ${name}_after RENAME TO ${name}`);
    await alliance.start('bank-a');
  });

  it('wait until so many have answered that none of a quorum can be missing', async () => {
    for (const member of ['bank-a', 'regulator-r', 'police-p']) await alliance.stop(member);
    const gateway = await alliance.start('bank-a');
    await sleep(2500);
    // Two of the three others are silent, and two make a quorum.
    assert.match((await healthOf(gateway)).reasons[0]?.message ?? '', /no answer from regulator-r, police-p/);
    const { size } = await gateway.ledger.latest();
    await alliance.start('regulator-r');
    await until('an open ledger', async () => (await healthOf(gateway)).status === 'ready');
    assert.equal((await gateway.ledger.latest()).size, size);
    await alliance.start('police-p');
    await act(gateway, 'six.example.com');
    await quiet(gateway);
    assert.equal((await audit(gateway)).ok, true);
  });
});
