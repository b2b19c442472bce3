/**
 * Four ways to append to a log in PostgreSQL that look right and fork or reorder it. Each is shown to do so with two
 * real sessions, and beside it the same schedule through the sequencer's own transaction, which does not.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openLedger } from '../../src/ledger/ledger.ts';
import { buildBatch } from '../../src/ledger/sequence/batch.ts';
import { commitBatch, openBatch, takeLease } from '../../src/ledger/sequence/sequence-store.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';
import { draft, ledgerKey, MEMBER, ORIGIN } from './drafts.ts';

const TAIL = 'SELECT hash FROM chain ORDER BY id DESC LIMIT 1';
const LOCK = 'SELECT pg_advisory_xact_lock(42)';

describe('appending to a log in PostgreSQL', () => {
  const key = ledgerKey(ORIGIN);
  let world: TestDatabase;
  let first: pg.Client;
  let second: pg.Client;
  const closing: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    world = await createTestDatabase();
    closing.push(() => world.close());
    [first, second] = [await session(), await session()];
    await first.query(
      'CREATE TABLE chain (id bigserial PRIMARY KEY, prev text NOT NULL, hash text NOT NULL)',
    );
    await first.query(`INSERT INTO chain (prev, hash) VALUES ('', 'genesis')`);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function session(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: world.superuserUrl });
    await client.connect();
    closing.push(() => client.end());
    return client;
  }

  /** One naive append: open, read the tail with `read`, write the next row; the caller commits. */
  async function chainOn(client: pg.Client, read: string, hash: string): Promise<void> {
    const { rows } = await client.query<{ hash: string }>(read);
    await client.query('INSERT INTO chain (prev, hash) VALUES ($1, $2)', [rows[0]?.hash, hash]);
  }

  /** Rows that name the same row before them: more than one is a fork. */
  async function heirsOf(hash: string): Promise<string[]> {
    const { rows } = await first.query<{ hash: string }>(
      'SELECT hash FROM chain WHERE prev = $1 ORDER BY id',
      [hash],
    );
    return rows.map((row) => row.hash);
  }

  /** `a` has read and written but not committed when `b` begins; `b` waits for its lock, then goes on. */
  async function overlap(a: () => Promise<void>, commit: () => Promise<unknown>, b: () => Promise<void>) {
    await a();
    const waiting = b();
    await untilBlocked();
    await commit();
    await waiting;
  }

  async function untilBlocked(): Promise<void> {
    const observer = await session();
    for (let i = 0; i < 200; i += 1) {
      const { rowCount } = await observer.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if ((rowCount ?? 0) > 0) return;
      await sleep(10);
    }
    throw new Error('nobody waits for a lock');
  }

  async function naive(begin: string, read: string, lock?: string): Promise<string[]> {
    const append = async (client: pg.Client, hash: string): Promise<void> => {
      await client.query(begin);
      if (lock !== undefined) await client.query(lock);
      await chainOn(client, read, hash);
    };
    await overlap(
      () => append(first, 'a'),
      () => first.query('COMMIT'),
      async () => {
        await append(second, 'b');
        await second.query('COMMIT');
      },
    );
    return heirsOf('genesis');
  }

  describe('naively', () => {
    it('forks when the tail row is locked while it is looked for', async () => {
      assert.deepEqual(await naive('BEGIN', `${TAIL} FOR UPDATE`), ['a', 'b']);
    });

    it('forks when the statement that reads the tail also takes the advisory lock', async () => {
      const both = `WITH lock AS MATERIALIZED (${LOCK}) SELECT hash FROM lock, LATERAL (${TAIL}) AS tail`;
      assert.deepEqual(await naive('BEGIN', both), ['a', 'b']);
      await first.query(`DELETE FROM chain WHERE prev <> ''`);
      // The same lock, in a statement of its own, is enough.
      assert.deepEqual(await naive('BEGIN', TAIL, LOCK), ['a']);
    });

    it('forks when the tail is read under REPEATABLE READ, although the lock came first', async () => {
      assert.deepEqual(await naive('BEGIN ISOLATION LEVEL REPEATABLE READ', TAIL, LOCK), ['a', 'b']);
    });

    it('reorders and leaves holes when a serial number is the order', async () => {
      await first.query('BEGIN');
      await first.query(`INSERT INTO chain (prev, hash) VALUES ('?', 'early')`);
      await second.query(`INSERT INTO chain (prev, hash) VALUES ('?', 'late')`);
      const seen = await idsOf(second);
      await first.query('COMMIT');
      const later = await idsOf(second);
      assert.deepEqual(
        [seen, later],
        [
          [1, 3],
          [1, 2, 3],
        ],
        'a reader that went on from 3 never sees 2',
      );
      await first.query('BEGIN');
      await first.query(`INSERT INTO chain (prev, hash) VALUES ('?', 'undone')`);
      await first.query('ROLLBACK');
      await first.query(`INSERT INTO chain (prev, hash) VALUES ('?', 'next')`);
      assert.deepEqual(await idsOf(first), [1, 2, 3, 5]);
    });
  });

  async function idsOf(client: pg.Client): Promise<number[]> {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM chain ORDER BY id');
    return rows.map((row) => Number(row.id));
  }

  describe('with the head row locked first, under READ COMMITTED', () => {
    let database: Database;
    let epoch: number;

    beforeEach(async () => {
      database = openDatabase({ url: world.url, poolSize: 4 });
      closing.push(() => database.close());
      const clock = () => new Date();
      await (
        await openLedger({ database, member: MEMBER, origin: ORIGIN, key, clock, sequencer: false })
      ).close();
      epoch = (await takeLease(database, 'both')) ?? NaN;
    });

    /** Two sequencers that both believe to lead, the second between the first's reading and its COMMIT. */
    async function overlapBatches(between: () => Promise<void>): Promise<void> {
      await database.connection(async (one) => {
        await database.connection(async (two) => {
          const log = { origin: ORIGIN, key };
          const noPoison = (...poison: unknown[]) => assert.deepEqual(poison, []);
          const a = buildBatch(await openBatch(one, epoch, 10), log, noPoison);
          await between();
          const waiting = openBatch(two, epoch, 10);
          await untilBlocked();
          await commitBatch(one, a, new Date());
          const b = buildBatch(await waiting, log, noPoison);
          await commitBatch(two, b, new Date());
        });
      });
    }

    async function intake(client: pg.Client): Promise<Buffer> {
      const id = randomBytes(32);
      await client.query('INSERT INTO ledger_intake (key, draft) VALUES ($1, $2)', [
        id,
        JSON.stringify(draft()),
      ]);
      return id;
    }

    async function entries(): Promise<{ key: Buffer; seq: string; prev: string; leaf: string }[]> {
      const { rows } = await first.query<{ key: Buffer; seq: string; prev: string; leaf: string }>(
        `SELECT key, seq, body::json->>'prev' AS prev, encode(leaf, 'hex') AS leaf FROM ledger_entry ORDER BY seq`,
      );
      return rows;
    }

    it('chains the second batch to the first, whatever waited for the lock', async () => {
      const a = await intake(first);
      let b: Buffer | undefined;
      await overlapBatches(async () => void (b = await intake(second)));
      const [one, two, ...more] = await entries();
      assert.deepEqual([one?.key, two?.key, more.length], [a, b, 0]);
      assert.equal(two?.prev, one?.leaf);
      const { rows } = await first.query('SELECT size FROM ledger_checkpoint ORDER BY size');
      assert.deepEqual(
        rows.map((row: { size: string }) => Number(row.size)),
        [0, 1, 2],
      );
    });

    it('numbers without a hole what commits late or not at all, although its intake id is early', async () => {
      await first.query('BEGIN');
      const early = await intake(first);
      const undone = await session();
      await undone.query('BEGIN');
      await intake(undone);
      const late = await intake(second);
      await overlapBatches(async () => {
        await first.query('COMMIT');
        await undone.query('ROLLBACK');
      });
      const rows = await entries();
      assert.deepEqual(
        rows.map(({ key: id, seq }) => [id, Number(seq)]),
        [
          [late, 0],
          [early, 1],
        ],
      );
    });
  });
});
