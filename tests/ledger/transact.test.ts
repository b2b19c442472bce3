import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { sha256 } from '../../src/core/digest.ts';
import { openLedger, type Ledger, type LoggedWork, type SettledEntry } from '../../src/ledger/ledger.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';
import { answerlessCommits } from './commit-proxy.ts';
import { draft, ledgerKey, MEMBER, offer, ORIGIN } from './drafts.ts';

describe('transact', () => {
  const key = ledgerKey(ORIGIN);
  let world: TestDatabase;
  let admin: pg.Client;
  let errors: unknown[];
  const closing: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    world = await createTestDatabase();
    errors = [];
    admin = new pg.Client({ connectionString: world.superuserUrl });
    await admin.connect();
    closing.push(() => admin.end());
    await admin.query('CREATE TABLE act (id text PRIMARY KEY, log_key bytea NOT NULL)');
    await admin.query('GRANT SELECT, INSERT ON act TO PUBLIC');
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await world.close();
  });

  async function open(
    database: Database = world.database,
    sequencer = true,
    silentMs?: number,
  ): Promise<Ledger> {
    const onError = (error: unknown): void => void errors.push(error);
    const options = { database, member: MEMBER, origin: ORIGIN, key, clock: () => new Date() };
    const ledger = await openLedger({
      ...options,
      sequencer,
      onError,
      ...(silentMs === undefined ? {} : { silentMs }),
    });
    closing.push(() => ledger.close());
    if (sequencer) await ledger.record(draft());
    return ledger;
  }

  function connect(url: string = world.url): Database {
    const database = openDatabase({ url, poolSize: 8 });
    closing.push(() => database.close());
    return database;
  }

  const keyOf = (id: string): Buffer => sha256(`act|${id}`);

  /** One row and the entry that tells of it; `attempts` counts how often it ran. */
  function act(
    id: string,
    attempts: string[] = [],
    fails?: (attempt: number) => boolean,
  ): LoggedWork<string> {
    return async (tx) => {
      attempts.push(id);
      await tx.query('SELECT 1');
      if (fails?.(attempts.filter((one) => one === id).length) === true) throw new Error(`${id} is bad`);
      tx.last({ text: 'INSERT INTO act (id, log_key) VALUES ($1, $2)', values: [id, keyOf(id)] });
      return { entries: [{ draft: offer('bank-b'), key: keyOf(id) }], result: `done ${id}` };
    };
  }

  async function perform(ledger: Ledger, id: string, attempts?: string[]): Promise<SettledEntry> {
    assert.equal(await ledger.transact(act(id, attempts)), `done ${id}`);
    return ledger.settle(keyOf(id));
  }

  /** Every row has its entry, every entry of an act its row; the whole log verifies. */
  async function audit(acts: readonly string[]): Promise<void> {
    const { rows } = await world.database.query<{ id: string; seq: number | null }>(
      'SELECT a.id, e.seq FROM act a LEFT JOIN ledger_entry e ON e.key = a.log_key ORDER BY a.id',
    );
    assert.deepEqual(
      rows.map(({ id }) => id),
      [...acts].sort(),
    );
    assert.deepEqual(
      rows.filter(({ seq }) => seq === null),
      [],
      'a row without its entry',
    );
    const directory = mkdtempSync(join(tmpdir(), 'lianzheng-audit-'));
    try {
      const { size } = await exportLedger(databaseSource(world.database), directory);
      const ledgers = [{ member: MEMBER, origin: ORIGIN, vkeys: [{ vkey: key.vkey }] }];
      const report = await verifyLedgers([directory], { ledgers, registryDigests: new Map() });
      assert.deepEqual(report.ledgers[0]?.failures, []);
      const { rows: pairs } = await world.database.query<{ n: number }>('SELECT n FROM ledger_pair');
      assert.equal(pairs[0]?.n ?? 0, acts.length, 'an entry without its row');
      assert.ok(size >= acts.length, 'entries are missing');
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  const names = (count: number, prefix = 'act'): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(3, '0')}`);

  it('commits rows and entries at once, several acts in one batch, without an intake row', async () => {
    const ledger = await open();
    await admin.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no intake'; END $$`);
    await admin.query('CREATE TRIGGER t BEFORE INSERT ON ledger_intake EXECUTE FUNCTION refuse()');
    const acts = names(60);
    const settled = await Promise.all(acts.map((id) => perform(ledger, id)));
    assert.ok(new Set(settled.map(({ size }) => size)).size < 40, 'acts share batches');
    await audit(acts);
    assert.deepEqual(errors, []);
  });

  it('lets a bad act refuse only itself', async () => {
    const ledger = await open();
    const acts = names(20);
    const bad = names(4, 'bad');
    const attempts: string[] = [];
    const all = Promise.all(acts.map((id) => perform(ledger, id, attempts)));
    const refused = await Promise.allSettled(bad.map((id) => ledger.transact(act(id, attempts, () => true))));
    await all;
    assert.deepEqual(
      refused.map((one) => one.status === 'rejected' && (one.reason as Error).message),
      bad.map((id) => `${id} is bad`),
    );
    await audit(acts);
    assert.deepEqual(errors, []);
  });

  it('refuses a second act on one row with the error of its own transaction', async () => {
    const ledger = await open();
    await perform(ledger, 'once');
    await assert.rejects(ledger.transact(act('once')), { code: '23505', constraint: 'act_pkey' });
    await perform(ledger, 'after');
    await audit(['once', 'after']);
    assert.deepEqual(errors, []);
  });

  it('uses a transaction of its own where another process sequences', async () => {
    const leader = await open();
    const follower = await open(connect(), false);
    const attempts: string[] = [];
    await perform(follower, 'follower', attempts);
    await perform(leader, 'leader', attempts);
    assert.deepEqual(attempts, ['follower', 'leader']);
    await audit(['follower', 'leader']);
  });

  it('takes a key that the log has already, and adds the rows alone', async () => {
    const ledger = await open();
    const { index } = await perform(ledger, 'old');
    await admin.query('DELETE FROM act');
    assert.equal((await perform(ledger, 'old')).index, index);
    await audit(['old']);
  });

  it('holds no batch up for an act that waits for rows of others', async () => {
    const ledger = await open();
    await admin.query('BEGIN');
    await admin.query("INSERT INTO act VALUES ('held', 'x')");
    const held = ledger.transact(act('held'));
    held.catch(() => undefined);
    const acts = names(10);
    const started = performance.now();
    for (const id of acts) await perform(ledger, id);
    assert.ok(performance.now() - started < 20_000, 'the others went on');
    await admin.query('ROLLBACK');
    assert.equal(await held, 'done held');
    await ledger.settle(keyOf('held'));
    await audit([...acts, 'held']);
  });

  it('loses nothing and doubles nothing when its connections are killed', async () => {
    const ledger = await open(connect());
    const done: string[] = [];
    let running = true;
    let killed = 0;
    const killer = (async () => {
      while (running) {
        await sleep(40);
        const { rowCount } = await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND usename <> current_user AND backend_start < now() - interval '30 ms'`,
        );
        killed += rowCount ?? 0;
      }
    })();
    await Promise.all(
      names(120).map(async (id, i) => {
        await sleep(i * 5);
        const [outcome] = await Promise.allSettled([perform(ledger, id)]);
        if (outcome.status === 'fulfilled') done.push(id);
      }),
    );
    running = false;
    await killer;
    assert.ok(killed > 0, 'connections were killed');
    // The pool may still hold a connection that does not know yet that it is dead.
    await perform(ledger, 'last-1').catch(() => perform(ledger, 'last-2'));
    const { rows } = await world.database.query<{ id: string }>('SELECT id FROM act');
    const stored = rows.map(({ id }) => id);
    for (const id of done) assert.ok(stored.includes(id), `${id} was promised`);
    await audit(stored);
  });

  it('runs again when the answer to COMMIT is lost, and its rows say that it was done', async () => {
    const proxy = await answerlessCommits(world.url);
    closing.push(() => proxy.close());
    const ledger = await open(connect(proxy.url));
    await perform(ledger, 'before');
    proxy.arm();
    await assert.rejects(ledger.transact(act('lost')), { code: '23505', constraint: 'act_pkey' });
    assert.equal(proxy.dropped(), 1);
    await ledger.settle(keyOf('lost'));
    await audit(['before', 'lost']);
  });

  it('waits no longer than it must for a database that vanished, and is done over another connection', async () => {
    const proxy = await answerlessCommits(world.url);
    closing.push(() => proxy.close());
    const ledger = await open(connect(proxy.url), true, 1000);
    await perform(ledger, 'before');
    proxy.vanish();
    await Promise.all(['one', 'two'].map((id) => perform(ledger, id)));
    assert.ok(errors.length > 0, 'the connection was not cut');
    await audit(['before', 'one', 'two']);
  });

  it('refuses an entry of another member before anything is written', async () => {
    const ledger = await open();
    const foreign: LoggedWork<null> = async (tx) => {
      tx.last({ text: 'INSERT INTO act VALUES ($1, $2)', values: ['foreign', keyOf('foreign')] });
      return { entries: [{ draft: draft({ member: 'bank-z' }), key: keyOf('foreign') }], result: null };
    };
    await assert.rejects(ledger.transact(foreign), { code: 'ledger.entry-invalid' });
    await audit([]);
  });
});
