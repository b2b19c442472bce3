import assert from 'node:assert/strict';
import { newNonce } from '../../src/core/ids.ts';
import { believedTime } from '../../src/federation/tokens/believed-time.ts';
import {
  openTokenIdStore,
  purgeTokenIds,
  type TokenIdStore,
} from '../../src/federation/tokens/token-store.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';

describe('token ids', () => {
  let world: TestDatabase;
  let fast: Database;
  let store: TokenIdStore;
  before(async () => {
    world = await createTestDatabase();
    fast = openDatabase({ url: world.url, poolSize: 2, synchronousCommit: 'off' });
    store = openTokenIdStore({ database: fast, clock: () => new Date() });
  });
  after(async () => {
    await store.close();
    await fast.close();
    await world.close();
  });

  it('lets exactly one of 200 parallel uses through, over two processes', async () => {
    const other = openTokenIdStore({ database: world.database, clock: () => new Date() });
    const jti = newNonce();
    const uses = Array.from({ length: 200 }, (_, at) => (at % 2 ? store : other).insert('bank-a', jti, 1e10));
    assert.equal((await Promise.all(uses)).filter(Boolean).length, 1);
    assert.equal(await store.insert('bank-b', jti, 1e10), true);
    await other.close();
  });

  it('lets one of two equal tokens through when they are inserted together', async () => {
    const jti = newNonce();
    const uses = [newNonce(), jti, jti, jti].map((id) => store.insert('bank-a', id, 1e10));
    assert.deepEqual(await Promise.all(uses), [true, true, false, false]);
  });

  it('takes many different ids at once', async () => {
    const uses = Array.from({ length: 500 }, () => store.insert('bank-a', newNonce(), 1e10));
    assert.ok((await Promise.all(uses)).every(Boolean));
  });

  it('commits without waiting for the disk', async () => {
    const { rows } = await fast.query<{ synchronous_commit: string }>('SHOW synchronous_commit');
    assert.equal(rows[0]?.synchronous_commit, 'off');
  });

  it('forgets only ids that time alone refuses', async () => {
    const [old, live] = [newNonce(), newNonce()];
    await store.insert('bank-c', old, 1000);
    await store.insert('bank-c', live, 2000);
    await purgeTokenIds(world.database, 1500);
    assert.equal(await store.insert('bank-c', live, 2000), false);
    assert.equal(await store.insert('bank-c', old, 1000), true);
  });

  it('believes a clock that jumped ahead only when it stays there', () => {
    const at = { wall: 1_000_000, steady: 0 };
    const time = believedTime(
      () => new Date(at.wall),
      3,
      () => at.steady,
    );
    const look = (jump = 0): number | undefined => {
      at.wall += 30_000 + jump;
      at.steady += 30_000;
      return time();
    };
    assert.deepEqual(
      [look(), look()],
      [undefined, undefined],
      'a process that has just started believes nothing',
    );
    assert.equal(look(), 1_090_000);
    assert.equal(look(3_600_000), 1_120_000, 'an hour ahead since this look');
    assert.equal(look(), 1_150_000);
    assert.equal(look(), at.wall, 'for three looks');
    assert.equal(look(-3_600_000), 1_210_000, 'a clock that is set back is believed at once');
  });

  it('tells every waiter when the database is gone', async () => {
    const lost = openDatabase({ url: world.url });
    const broken = openTokenIdStore({ database: lost, clock: () => new Date() });
    await lost.close();
    const uses = [broken.insert('a', newNonce(), 1), broken.insert('a', newNonce(), 1)];
    const results = await Promise.allSettled(uses);
    assert.deepEqual(
      results.map((result) => result.status),
      ['rejected', 'rejected'],
    );
    await broken.close();
  });
});
