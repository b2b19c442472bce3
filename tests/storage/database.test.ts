import assert from 'node:assert/strict';
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
});
