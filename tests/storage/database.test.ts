import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, type Queryable } from '../../src/storage/database.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';

describe('database', () => {
  let world: TestDatabase;
  before(async () => {
    world = await createTestDatabase();
  });
  after(() => world.close());

  it('returns bigint as a number and refuses one that would lose precision', async () => {
    const { rows } = await world.database.query<{ n: number }>('SELECT 9007199254740991::bigint AS n');
    assert.equal(rows[0]?.n, 9007199254740991);
    await assert.rejects(world.database.query('SELECT 9007199254740993::bigint AS n'), { code: 'internal' });
  });

  it('rolls back when the work throws', async () => {
    await world.database.query('CREATE TEMP TABLE t (n int)').catch(() => undefined);
    await assert.rejects(
      world.database.transaction(async (tx) => {
        await tx.query("SELECT set_config('lz.seen', 'yes', true)");
        throw new Error('stop');
      }),
      /stop/,
    );
    const { rows } = await world.database.query<{ seen: string | null }>(
      "SELECT current_setting('lz.seen', true) AS seen",
    );
    assert.notEqual(rows[0]?.seen, 'yes');
  });

  it('fails the work, not the process, when a connection is lost while it is in use', async () => {
    const { database } = world;
    const loseConnection = async (client: Queryable): Promise<void> => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1::int)', [rows[0]?.pid]);
      // Nothing is under way while the end of the connection arrives.
      await sleep(100);
      await client.query('SELECT 1');
    };
    await assert.rejects(database.transaction(loseConnection));
    await assert.rejects(database.connection((client) => loseConnection(client as unknown as Queryable)));
    assert.equal((await database.query('SELECT 1')).rowCount, 1);
  });

  it('says that the database is not available, when nobody listens, and of a wrong statement what is wrong', async () => {
    const nobody = openDatabase({ url: 'postgres://nobody:none@127.0.0.1:1/none' });
    const gone = { code: 'storage.unavailable' };
    await assert.rejects(nobody.query('SELECT 1'), gone);
    await assert.rejects(
      nobody.transaction((tx) => tx.query('SELECT 1')),
      gone,
    );
    await assert.rejects(
      nobody.connection(() => Promise.resolve()),
      gone,
    );
    await nobody.close();
    await assert.rejects(world.database.query('SELECT nothing FROM nowhere'), { code: '42P01' });
  });

  it('calls no transaction committed that a swallowed error rolled back', async () => {
    const work = world.database.transaction(async (tx) => {
      await tx.query('SELECT 1 / 0').catch(() => undefined);
      return 'done';
    });
    await assert.rejects(work, { code: 'storage.unavailable' });
  });

  it('keeps statements that are issued together in their transaction and in their order', async () => {
    const ids = await world.database.transaction(async (tx) => {
      const one = (n: number) =>
        tx.query<{ n: number; id: string }>('SELECT $1::int AS n, pg_current_xact_id()::text AS id', [n]);
      return Promise.all([1, 2, 3, 4, 5].map(one));
    });
    assert.deepEqual(
      ids.map(({ rows }) => rows[0]?.n),
      [1, 2, 3, 4, 5],
    );
    assert.equal(new Set(ids.map(({ rows }) => rows[0]?.id)).size, 1);
  });

  it('commits nothing when a statement that travels with COMMIT fails, and throws its error', async () => {
    const insert = `INSERT INTO token_id (issuer, jti, exp) VALUES ('last', $1, 0)`;
    const work = world.database.transaction(async (tx) => {
      await tx.query(insert, ['a']);
      tx.last({ text: insert, values: ['b'] });
      tx.last({ text: 'SELECT 1 / $1::int', values: [0] });
    });
    await assert.rejects(work, /division by zero/);
    const { rows } = await world.database.query(`SELECT 1 FROM token_id WHERE issuer = 'last'`);
    assert.deepEqual(rows, []);
    await world.database.transaction(async (tx) => tx.last({ text: insert, values: ['c'] }));
    const { rowCount } = await world.database.query(`SELECT 1 FROM token_id WHERE issuer = 'last'`);
    assert.equal(rowCount, 1);
  });

  it('rolls back what was issued together with a statement that fails', async () => {
    const insert = `INSERT INTO token_id (issuer, jti, exp) VALUES ('together', 'x', 0)`;
    await assert.rejects(
      world.database.transaction((tx) => Promise.all([tx.query(insert), tx.query('SELECT 1 / 0')])),
      /division by zero/,
    );
    const { rows } = await world.database.query(`SELECT 1 FROM token_id WHERE issuer = 'together'`);
    assert.deepEqual(rows, []);
  });
});
