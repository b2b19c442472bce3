import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { sha256 } from '../../src/core/digest.ts';
import { newId } from '../../src/core/ids.ts';
import type { EntryDraft } from '../../src/ledger/entry.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { openLedger, type Ledger, type SettledEntry } from '../../src/ledger/ledger.ts';
import { buildBatch } from '../../src/ledger/sequence/batch.ts';
import { commitBatch, openBatch } from '../../src/ledger/sequence/sequence-store.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyEntryProof } from '../../src/ledger/notes/tlog-proof.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';
import { draft, ledgerKey, MEMBER, offer, ORIGIN } from './drafts.ts';
import { answerlessCommits } from './commit-proxy.ts';

describe('sequencer', () => {
  const key = ledgerKey(ORIGIN);
  let world: TestDatabase;
  let errors: unknown[];
  const closing: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    world = await createTestDatabase();
    errors = [];
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await world.close();
  });

  async function open(database: Database = world.database, sequencer = true): Promise<Ledger> {
    const onError = (error: unknown): void => void errors.push(error);
    const ledger = await openLedger({
      database,
      member: MEMBER,
      origin: ORIGIN,
      key,
      clock: () => new Date(),
      sequencer,
      onError,
    });
    closing.push(() => ledger.close());
    return ledger;
  }

  function connect(url: string = world.url): Database {
    const database = openDatabase({ url, poolSize: 8 });
    closing.push(() => database.close());
    return database;
  }

  async function administrator(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: world.superuserUrl });
    await client.connect();
    closing.push(() => client.end());
    return client;
  }

  function append(ledger: Ledger, entry: EntryDraft = draft(), id?: Buffer): Promise<Buffer> {
    return world.database.transaction((tx) => ledger.append(tx, entry, id));
  }

  async function settleMany(ledger: Ledger, count: number): Promise<SettledEntry[]> {
    return Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const id = await append(ledger, i % 2 === 0 ? offer(`peer-${i % 5}`) : draft());
        return ledger.settle(id);
      }),
    );
  }

  async function audit() {
    const directory = mkdtempSync(join(tmpdir(), 'lianzheng-audit-'));
    try {
      const { size } = await exportLedger(databaseSource(world.database), directory);
      const ledgers = [{ member: MEMBER, origin: ORIGIN, vkeys: [{ vkey: key.vkey }] }];
      const report = await verifyLedgers([directory], { ledgers, registryDigests: new Map() });
      const found = report.ledgers[0]?.failures.map((f) => `${f.class} ${f.index ?? '-'}`) ?? [];
      return { size, ok: report.ok, found };
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  it('numbers what 64 appenders write without gap or fork, each with a proof of its own', async () => {
    const ledger = await open();
    const rounds: SettledEntry[] = [];
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (let i = 0; i < 10; i++) {
          const id = await append(ledger, offer('bank-b'));
          rounds.push(await ledger.settle(id));
        }
      }),
    );
    assert.deepEqual(
      rounds.map((settled) => settled.index).sort((x, y) => x - y),
      Array.from({ length: 640 }, (_, i) => i),
    );
    for (const { entry, proof, index, leaf, size, root } of rounds) {
      const place = verifyEntryProof({ entry, proof, origin: ORIGIN, vkeys: [ledger.vkey] });
      assert.deepEqual(place, { origin: ORIGIN, index, leaf, size, root });
    }
    assert.deepEqual(await audit(), { size: 640, ok: true, found: [] });
    assert.deepEqual(errors, []);
    const { rows } = await world.database.query<{ batches: number }>(
      'SELECT count(DISTINCT checkpoint_size) AS batches FROM ledger_entry',
    );
    assert.ok((rows[0]?.batches ?? 640) < 320, 'waiting entries share a commit');
  });

  it('answers find with the same bytes from memory and from the database, whatever came after', async () => {
    const ledger = await open();
    const settled = await settleMany(ledger, 20);
    await settleMany(ledger, 20);
    const other = await open(connect(), false);
    for (const one of settled) {
      assert.deepEqual(await ledger.find(one.key), one);
      assert.deepEqual(await other.find(one.key), one);
      assert.deepEqual(await other.settle(one.key), one);
    }
    assert.equal(await other.find(Buffer.alloc(32)), undefined);
  });

  it('takes one key once, in the intake and after it was sequenced', async () => {
    const ledger = await open();
    const id = sha256('in|peer|mid');
    await append(ledger, draft(), id);
    await append(ledger, draft(), id);
    const first = await ledger.settle(id);
    await append(ledger, draft(), id);
    await append(ledger);
    await settleMany(ledger, 1);
    assert.deepEqual(await ledger.settle(id), first);
    assert.equal((await ledger.latest()).size, 3);
    const { rows } = await world.database.query('SELECT 1 FROM ledger_intake');
    assert.equal(rows.length, 0);
  });

  it('leaves nothing of a transaction that rolled back', async () => {
    const ledger = await open();
    const id = sha256('lost');
    await assert.rejects(
      world.database.transaction(async (tx) => {
        await ledger.append(tx, draft(), id);
        throw new Error('stop');
      }),
      /stop/,
    );
    await assert.rejects(ledger.settle(id, 200), { code: 'ledger.unavailable' });
    assert.equal((await ledger.latest()).size, 0);
  });

  it('refuses before it writes when too many wait', async () => {
    const ledger = await openLedger({
      database: world.database,
      member: MEMBER,
      origin: ORIGIN,
      key,
      clock: () => new Date(),
      sequencer: false,
      maxWaiting: 2,
    });
    closing.push(() => ledger.close());
    const waiting = [await append(ledger), await append(ledger)].map((id) => ledger.settle(id));
    for (const one of waiting) one.catch(() => undefined);
    await assert.rejects(append(ledger), { code: 'ledger.unavailable' });
    const { rows } = await world.database.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM ledger_intake',
    );
    assert.equal(rows[0]?.n, 2);
    const other = await open();
    await Promise.all(waiting);
    await ledger.settle(await append(ledger));
    assert.equal((await other.latest()).size, 3);
  });

  it('refuses an entry of another member and a short key', async () => {
    const ledger = await open();
    await assert.rejects(append(ledger, draft({ member: 'bank-z' })), { code: 'ledger.entry-invalid' });
    await assert.rejects(append(ledger, draft(), Buffer.alloc(16)), { code: 'ledger.entry-invalid' });
  });

  it('goes on past a row that no capability wrote', async () => {
    const ledger = await open();
    await world.database.query('INSERT INTO ledger_intake (key, draft) VALUES ($1, $2)', [
      Buffer.alloc(32, 9),
      '{"kind":"made by hand"}',
    ]);
    assert.equal((await settleMany(ledger, 5)).length, 5);
    assert.equal(errors.length, 1);
    assert.deepEqual(await audit(), { size: 5, ok: true, found: [] });
  });

  it('loses nothing and doubles nothing when its connection is killed in the middle of a batch', async () => {
    const ledger = await open();
    await settleMany(ledger, 3);
    // Two, because a transaction sees pg_stat_activity as it was at first sight.
    const [blocker, admin] = [await administrator(), await administrator()];
    await blocker.query('BEGIN; LOCK TABLE ledger_checkpoint IN EXCLUSIVE MODE');
    const waiting = settleMany(ledger, 20);
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
    const indices = (await waiting).map((settled) => settled.index).sort((x, y) => x - y);
    assert.deepEqual(
      indices,
      Array.from({ length: 20 }, (_, i) => i + 3),
    );
    assert.deepEqual(await audit(), { size: 23, ok: true, found: [] });
    assert.ok(errors.length > 0);
  });

  it('finds its entries again when the answer to COMMIT is lost', async () => {
    const proxy = await answerlessCommits(world.url);
    closing.push(() => proxy.close());
    const ledger = await open(connect(proxy.url));
    await settleMany(ledger, 2);
    proxy.arm();
    const settled = await settleMany(ledger, 10);
    assert.equal(proxy.dropped(), 1);
    assert.equal(new Set(settled.map((one) => one.index)).size, 10);
    for (const one of settled) {
      verifyEntryProof({ entry: one.entry, proof: one.proof, origin: ORIGIN, vkeys: [ledger.vkey] });
    }
    assert.deepEqual(await audit(), { size: 12, ok: true, found: [] });
  });

  it('lets one of two processes sequence, and serves the waiters of both', async () => {
    const [one, two] = [await open(connect()), await open(connect())];
    const settled = (await Promise.all([settleMany(one, 40), settleMany(two, 40)])).flat();
    assert.deepEqual(
      settled.map(({ index }) => index).sort((x, y) => x - y),
      Array.from({ length: 80 }, (_, i) => i),
    );
    assert.deepEqual(await audit(), { size: 80, ok: true, found: [] });
  });

  it('fences a sequencer whose lease another one took while it believed to lead', async () => {
    const ledgers = [await open(connect()), await open(connect())];
    let running = true;
    const admin = await administrator();
    const thief = (async () => {
      while (running) {
        await admin.query(`UPDATE ledger_lease SET expires_at = '-infinity'`);
        await sleep(30);
      }
    })();
    const settled: SettledEntry[] = [];
    for (let round = 0; round < 12; round++) {
      for (const ledger of ledgers) settled.push(...(await settleMany(ledger, 8)));
    }
    running = false;
    await thief;
    assert.equal(new Set(settled.map((one) => one.index)).size, settled.length);
    assert.deepEqual(await audit(), { size: settled.length, ok: true, found: [] });
    const { rows } = await world.database.query<{ epoch: number }>('SELECT epoch FROM ledger_lease');
    assert.ok((rows[0]?.epoch ?? 0) > 2, 'the lease changed hands');
    assert.ok(errors.some((error) => (error as { code?: string }).code === 'ledger.epoch-lost'));
  });

  it('rolls the batch back when the head is not where the batch began', async () => {
    const ledger = await open();
    await settleMany(ledger, 3);
    await ledger.close();
    await append(ledger);
    const outcome = world.database.connection(async (client) => {
      const { rows } = await client.query<{ epoch: number }>('SELECT epoch FROM ledger_lease');
      const input = await openBatch(client, rows[0]!.epoch, 10);
      const batch = buildBatch(input, { origin: ORIGIN, key }, (...poison) => assert.deepEqual(poison, []));
      await client.query('UPDATE ledger_head SET size = size - 1, sm3_size = size - 1');
      await commitBatch(client, batch, new Date()).finally(() => client.query('ROLLBACK'));
    });
    await assert.rejects(outcome, { code: 'ledger.epoch-lost' });
    assert.deepEqual(await audit(), { size: 3, ok: true, found: [] });
    const next = await open();
    await next.settle(await append(next));
    assert.deepEqual(await audit(), { size: 5, ok: true, found: [] });
  });

  it('takes up what a process left behind, once its lease ran out', async () => {
    const reader = await open(world.database, false);
    const id = await append(reader, offer('bank-b', newId()));
    await assert.rejects(reader.settle(id, 100), { code: 'ledger.unavailable' });
    await world.database.query(
      `UPDATE ledger_lease SET holder = 'dead', expires_at = clock_timestamp() + interval '1 second'`,
    );
    await open(connect());
    assert.equal((await reader.settle(id)).index, 0);
  });

  it('lets an export show what an administrator altered in the tables', async () => {
    const ledger = await open();
    await settleMany(ledger, 40);
    const admin = await administrator();
    const { rows } = await admin.query<{ body: string }>('SELECT body FROM ledger_entry WHERE seq = 17');
    const edited = rows[0]?.body.replace('"actor":"system"', '"actor":"nobody"') ?? '';
    await admin.query('UPDATE ledger_entry SET body = $1 WHERE seq = 17', [edited]);
    assert.deepEqual((await audit()).found, ['entry-altered 17']);

    const leaf = sha256(Buffer.concat([Buffer.of(0), Buffer.from(edited)]));
    await admin.query('UPDATE ledger_entry SET leaf = $1 WHERE seq = 17', [leaf]);
    const found = (await audit()).found;
    assert.equal(found[0], 'chain-broken 18');
    assert.equal(found.at(-1), 'root-mismatch -');

    await admin.query('DELETE FROM ledger_entry WHERE seq = 17');
    assert.equal((await audit()).found[0], 'gap 17');
  });
});
