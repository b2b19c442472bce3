import assert from 'node:assert/strict';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { Packer } from '../../src/features/intake/packer.ts';
import { readFeature } from '../../src/features/intake/read-feature.ts';
import { sealBatch } from '../../src/features/intake/seal-batch.ts';
import { claimDelivery, dueRecipients } from '../../src/federation/delivery/delivery-store.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';

const QUEUED = Number(process.env['LIANZHENG_QUEUED'] ?? 10_000);
const TOGETHER = 250;
const READY_MS = 10_000;

/** P12: restart with 10,000 queued messages, ready in 10 s. */
describe(`a gateway with ${QUEUED} queued messages`, function () {
  this.timeout(240_000);
  let alliance: TestAlliance;

  before(async () => {
    alliance = await openTestAlliance({ members: ['bank-a', 'insurer-b'] });
    const bank = alliance.gateway('bank-a');
    await alliance.stop('insurer-b');
    for (let made = 0; made < QUEUED; made += TOGETHER) await queueSome(bank, made);
    const queued = async (): Promise<number> => {
      const { rows } = await bank.database.query<{ n: number }>('SELECT count(*) AS n FROM ledger_intake');
      return rows[0]?.n ?? 0;
    };
    while ((await queued()) > 0) await new Promise((done) => setTimeout(done, 50));
  });
  after(() => alliance.close());

  /** Through the real outbox: signed, logged, and read by the peer like any other. */
  async function queueSome({ features, database }: Gateway, from: number): Promise<void> {
    const sharing = { group: FEATURE_GROUP, purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'] };
    const batches = Array.from({ length: TOGETHER }, async (_, i) => {
      const packer = new Packer(features.indexKey);
      const line = { type: 'domain', value: `d${from + i}.example`, confidence: 90 };
      packer.add(readFeature(line, features.schemas, new Date()));
      return sealBatch(features, sharing, packer.rest()!);
    });
    const sealed = await Promise.all(batches);
    await database.transaction(async (tx) => {
      for (const { content, sealed: envelope, recipients } of sealed)
        await features.enqueue(tx, { content, sealed: envelope, recipients, personal: false });
    });
  }
  const acked = async (): Promise<number> => {
    const { rows } = await alliance
      .gateway('bank-a')
      .database.query<{ n: number }>(`SELECT count(*) AS n FROM delivery WHERE state = 'acked'`);
    return rows[0]?.n ?? 0;
  };

  it('finds the next one by index, and those that wait behind another cost it nothing', async () => {
    const { database } = alliance.gateway('bank-a');
    await alliance.gateway('bank-a').delivery.close();
    const { rows } = await database.query<{ state: string; n: number }>(
      'SELECT state, count(*) AS n FROM delivery GROUP BY state',
    );
    assert.equal(
      rows.reduce((sum, { n }) => sum + n, 0),
      QUEUED,
    );
    await database.query(
      `UPDATE delivery SET waits = 1 WHERE mid IN (SELECT mid FROM delivery ORDER BY due_at LIMIT ${QUEUED - 100})`,
    );
    const now = new Date(Date.now() + 600_000);
    const before = performance.now();
    assert.deepEqual(await dueRecipients(database, ['insurer-b'], now), ['insurer-b']);
    for (let at = 0; at < 20; at += 1)
      assert.ok(await claimDelivery(database, 'insurer-b', { now, until: now }));
    const each = (performance.now() - before) / 21;
    console.log(`      ${each.toFixed(1)} ms a claim with ${QUEUED} open`);
    assert.ok(each < 50, `${each} ms a claim`);
    await database.query(
      `UPDATE delivery SET waits = 0, leased = false, due_at = now() WHERE state IN ('pending', 'sent')`,
    );
  });

  it('is ready within ten seconds of its start and delivers at once', async () => {
    await alliance.stop('bank-a');
    await alliance.start('insurer-b');
    const rss = process.memoryUsage().rss;
    const started = performance.now();
    const bank = await alliance.start('bank-a');
    const health = async (): Promise<number> => (await fetch(`${bank.memberUrl}/v1/health`)).status;
    while ((await health()) !== 200) await new Promise((done) => setTimeout(done, 10));
    const ready = performance.now() - started;
    while ((await acked()) === 0) await new Promise((done) => setTimeout(done, 10));
    const first = performance.now() - started;
    while ((await acked()) < Math.min(1000, QUEUED)) await new Promise((done) => setTimeout(done, 20));
    const thousand = performance.now() - started;
    const grown = (process.memoryUsage().rss - rss) / 2 ** 20;
    console.log(
      `      ready after ${Math.round(ready)} ms, first acknowledged after ${Math.round(first)} ms, 1,000 after ${Math.round(thousand)} ms; +${Math.round(grown)} MiB`,
    );
    assert.ok(ready < READY_MS, `ready after ${ready} ms`);
    assert.ok(first < READY_MS, `first acknowledged after ${first} ms`);
  });
});
