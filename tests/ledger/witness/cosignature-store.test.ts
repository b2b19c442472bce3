import assert from 'node:assert/strict';
import pg from 'pg';
import {
  cosignaturesAt,
  insertCosignature,
  pruneCosignatures,
} from '../../../src/ledger/witness/cosignature-store.ts';
import { createTestDatabase, type TestDatabase } from '../../world/database.ts';

describe('stored cosignatures', () => {
  let world: TestDatabase;
  before(async () => {
    world = await createTestDatabase();
  });
  after(() => world.close());

  it('stay for a day, then one size an hour with the most cosigners, and those of the newest checkpoint', async () => {
    const owner = new pg.Client({ connectionString: world.superuserUrl });
    await owner.connect();
    const hours = [50, 50, 50, 49, 49, 2, 1];
    for (const [i, ago] of hours.entries()) {
      await owner.query(
        `INSERT INTO ledger_checkpoint (size, root, note, made_at)
         VALUES ($1, sha256(''), '', date_trunc('hour', now()) - make_interval(hours => $2, mins => 1))`,
        [i + 1, ago],
      );
      for (const vkey of i === 1 ? ['a', 'b', 'c'] : ['a']) {
        await insertCosignature(world.database, { size: i + 1, vkey, line: '', cosignedAt: new Date() });
      }
    }
    await owner.query(
      `INSERT INTO ledger_head (id, origin, size, root, frontier, last_leaf, sm3_size, sm3_frontier)
       VALUES (1, 'log', 8, '', '', '', 8, '')`,
    );
    await owner.end();
    assert.equal(await pruneCosignatures(world.database), 3);
    const left: number[] = [];
    for (const size of hours.map((_, i) => i + 1)) {
      if ((await cosignaturesAt(world.database, size)).length > 0) left.push(size);
    }
    assert.deepEqual(left, [2, 5, 6, 7]);
    assert.equal((await cosignaturesAt(world.database, 2)).length, 3);
    assert.equal(await pruneCosignatures(world.database), 0);
  });
});
