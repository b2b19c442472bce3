import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';
import { draft, ledgerKey, MEMBER, offer, ORIGIN } from './drafts.ts';
import { answerlessCommits } from './commit-proxy.ts';
import { anchorsOf, entriesOf, sm3Root } from './sm3-naive.ts';

const EVERY = 10;

describe('SM3 anchors of the sequencer', () => {
  const key = ledgerKey(ORIGIN);
  let world: TestDatabase;
  const closing: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    world = await createTestDatabase();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await world.close();
  });

  async function open(database: Database = world.database, anchorEvery = EVERY): Promise<Ledger> {
    const clock = (): Date => new Date();
    const ledger = await openLedger({ database, member: MEMBER, origin: ORIGIN, key, clock, anchorEvery });
    closing.push(() => ledger.close());
    return ledger;
  }

  async function administrator(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: world.superuserUrl });
    await client.connect();
    closing.push(() => client.end());
    return client;
  }

  /** In one transaction, so that they come into one batch. */
  async function append(ledger: Ledger, count: number): Promise<void> {
    const last = await world.database.transaction(async (tx) => {
      for (let i = 1; i < count; i++) await ledger.append(tx, i % 2 === 0 ? offer('bank-b') : draft());
      return ledger.append(tx, draft());
    });
    await ledger.settle(last);
  }

  interface Audit {
    readonly size: number;
    readonly found: readonly string[];
    readonly anchors: readonly number[];
  }

  /** Verifies the whole log, and every anchor once more by the book. */
  async function audit(): Promise<Audit> {
    const directory = mkdtempSync(join(tmpdir(), 'lianzheng-sm3-'));
    try {
      const { size } = await exportLedger(databaseSource(world.database), directory);
      const trust = {
        ledgers: [{ member: MEMBER, origin: ORIGIN, vkeys: [{ vkey: key.vkey }] }],
        registryDigests: new Map(),
      };
      const [result] = (await verifyLedgers([directory], trust)).ledgers;
      assert.ok(result);
      const found = result.failures.map((f) => `${f.class} ${f.tree ?? '-'} ${f.index ?? '-'}`);
      const entries = entriesOf(directory);
      const anchors = anchorsOf(entries);
      if (found.length === 0) {
        assert.equal(result.anchors, anchors.length);
        for (const { index, size: covered, sm3 } of anchors) {
          assert.equal(covered, index);
          assert.equal(sm3, sm3Root(entries.slice(0, covered)).toString('hex'));
        }
      }
      return { size, found, anchors: anchors.map(({ index }) => index) };
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  it('stand at every tenth entry, several in one batch and across restarts', async () => {
    const first = await open();
    await append(first, 35);
    assert.deepEqual(await audit(), { size: 38, found: [], anchors: [10, 20, 30] });
    await first.close();
    const second = await open();
    for (let i = 0; i < 14; i++) await append(second, 1);
    assert.deepEqual(await audit(), { size: 54, found: [], anchors: [10, 20, 30, 40, 50] });
    await second.close();
    await append(await open(world.database, 25), 25);
    assert.deepEqual((await audit()).anchors, [10, 20, 30, 40, 50, 75]);
  });

  it('can be found and proven like every entry', async () => {
    const ledger = await open();
    await append(ledger, 12);
    const { rows } = await world.database.query<{ key: Buffer }>(
      'SELECT key FROM ledger_entry WHERE seq = 10',
    );
    const settled = await ledger.find(rows[0]?.key ?? Buffer.alloc(32));
    assert.match(settled?.entry ?? '', /"kind":"sm3-anchor"/);
    assert.equal(settled?.index, 10);
  });

  it('stay right when the sequencer is killed in the middle of a batch', async () => {
    const ledger = await open();
    await append(ledger, 8);
    // Two, because a transaction sees pg_stat_activity as it was at first sight.
    const [blocker, admin] = [await administrator(), await administrator()];
    await blocker.query('BEGIN; LOCK TABLE ledger_checkpoint IN EXCLUSIVE MODE');
    const waiting = append(ledger, 15);
    let killed = 0;
    while (killed === 0) {
      await sleep(20);
      const { rowCount } = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database() AND query LIKE '%ledger_checkpoint%'`,
      );
      killed = rowCount ?? 0;
    }
    await blocker.query('COMMIT');
    await waiting;
    assert.deepEqual(await audit(), { size: 25, found: [], anchors: [10, 20] });
  });

  it('stay right when the answer to COMMIT is lost', async () => {
    const proxy = await answerlessCommits(world.url);
    closing.push(() => proxy.close());
    const database = openDatabase({ url: proxy.url, poolSize: 8 });
    closing.push(() => database.close());
    const ledger = await open(database);
    await append(ledger, 8);
    proxy.arm();
    await append(ledger, 15);
    assert.equal(proxy.dropped(), 1);
    assert.deepEqual(await audit(), { size: 25, found: [], anchors: [10, 20] });
  });

  it('show a frontier that an administrator altered', async () => {
    const ledger = await open();
    await append(ledger, 15);
    await ledger.close();
    const admin = await administrator();
    await admin.query(
      `UPDATE ledger_head SET sm3_frontier = set_byte(sm3_frontier, 0, get_byte(sm3_frontier, 0) # 1)`,
    );
    await append(await open(), 10);
    assert.deepEqual((await audit()).found, ['root-mismatch sm3 20']);
  });

  it('refuse to go on from a frontier of another size', async () => {
    const ledger = await open();
    await append(ledger, 15);
    await ledger.close();
    const admin = await administrator();
    await assert.rejects(admin.query('UPDATE ledger_head SET sm3_size = 3'), { code: '23514' });
    await assert.rejects(admin.query('UPDATE ledger_head SET size = size + 1'), { code: '23514' });
    for (const frontier of [`''`, `sm3_frontier || sm3_frontier`]) {
      await admin.query('BEGIN');
      await admin.query(`UPDATE ledger_head SET sm3_frontier = ${frontier}`);
      await admin.query('COMMIT');
      await assert.rejects(open(), { code: 'ledger.proof-invalid', message: /SM3/ });
    }
  });

  it('begin behind the entries of a log that was there before them', async () => {
    const ledger = await open();
    await append(ledger, 25);
    await ledger.close();
    const { rows: before } = await world.database.query('SELECT * FROM ledger_head');
    const admin = await administrator();
    await admin.query('ALTER TABLE ledger_head DROP COLUMN sm3_size, DROP COLUMN sm3_frontier');
    await admin.query(`DELETE FROM knex_migrations WHERE name = '0006-sm3'`);
    const role = new URL(world.url).username;
    assert.deepEqual(await migrate(world.ownerUrl, role), ['0006-sm3']);
    assert.deepEqual((await world.database.query('SELECT * FROM ledger_head')).rows, before);
    await append(await open(), 10);
    assert.deepEqual(await audit(), { size: 38, found: [], anchors: [10, 20, 30] });
  });

  it('are not brought to a log that lacks entries', async () => {
    const ledger = await open();
    await append(ledger, 25);
    await ledger.close();
    const admin = await administrator();
    await admin.query('ALTER TABLE ledger_head DROP COLUMN sm3_size, DROP COLUMN sm3_frontier');
    await admin.query(
      `DELETE FROM knex_migrations WHERE name = '0006-sm3'; DELETE FROM ledger_entry WHERE seq = 7`,
    );
    await assert.rejects(migrate(world.ownerUrl, new URL(world.url).username), /lacks entries/);
  });
});
