import assert from 'node:assert/strict';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { verifyEntryProof } from '../../src/ledger/notes/tlog-proof.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';
import { draft, ledgerKey, MEMBER, ORIGIN } from './drafts.ts';

describe('acts without rows of their own', () => {
  const key = ledgerKey(ORIGIN);
  let world: TestDatabase;
  let ledger: Ledger;
  before(async () => {
    world = await createTestDatabase();
    const open = { database: world.database, member: MEMBER, origin: ORIGIN, key, clock: () => new Date() };
    ledger = await openLedger(open);
  });
  after(async () => {
    await ledger.close();
    await world.close();
  });

  it('are entered each once, durable and proven, whoever came with them', async () => {
    const settled = await Promise.all(Array.from({ length: 600 }, () => ledger.record(draft())));
    assert.equal(new Set(settled.map(({ index }) => index)).size, 600);
    for (const { entry, proof } of settled) {
      verifyEntryProof({ entry, proof, origin: ORIGIN, vkeys: [key.vkey] });
    }
    assert.equal((await ledger.latest()).size, 600);
  });

  it('refuse a bad one alone', async () => {
    const acts = [draft(), draft({ member: 'bank-b' }), draft({ kind: 'x'.repeat(9000) }), draft()];
    const outcomes = await Promise.allSettled(acts.map((act) => ledger.record(act)));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    );
  });

  it('are refused when the database is gone, and go on when it is back', async () => {
    const database = openDatabase({ url: world.url, poolSize: 4 });
    const open = { database, member: MEMBER, origin: ORIGIN, key, clock: () => new Date(), sequencer: false };
    const other = await openLedger(open);
    const { size } = await ledger.latest();
    await world.database
      .query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user',
      )
      .catch(() => undefined);
    const outcomes = await Promise.allSettled([other.record(draft()), other.record(draft())]);
    const kept = outcomes.filter(({ status }) => status === 'fulfilled').length;
    await other.record(draft());
    assert.ok((await ledger.latest()).size >= size + kept + 1);
    await other.close();
    await database.close();
  });
});
