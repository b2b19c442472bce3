import assert from 'node:assert/strict';
import pg from 'pg';
import { LedgerGate } from '../../src/ledger/gate.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { createTestDatabase } from '../world/database.ts';
import { draft, ledgerKey, MEMBER, ORIGIN } from './drafts.ts';

/** What a restore or a fail-over to a replica that lags does to the tables. */
const KEEP = `CREATE TABLE kept_head AS SELECT * FROM ledger_head`;
const SET_BACK = `
  UPDATE ledger_head h SET (size, root, frontier, last_leaf, sm3_size, sm3_frontier) =
    (SELECT k.size, k.root, k.frontier, k.last_leaf, k.sm3_size, k.sm3_frontier FROM kept_head k);
  DELETE FROM ledger_entry WHERE seq >= (SELECT size FROM kept_head);
  DELETE FROM ledger_checkpoint WHERE size > (SELECT size FROM kept_head);
  DELETE FROM ledger_node WHERE (index + 1) * (1::bigint << level) > (SELECT size FROM kept_head)`;

describe('a database that is set back under a running sequencer', () => {
  it('gets no second entry of an index: the log is quarantined', async () => {
    const world = await createTestDatabase();
    const administrator = new pg.Client({ connectionString: world.superuserUrl });
    await administrator.connect();
    const gate = new LedgerGate();
    const { database } = world;
    const ledger = await openLedger({
      database,
      member: MEMBER,
      origin: ORIGIN,
      key: ledgerKey(ORIGIN),
      clock: () => new Date(),
      gate,
    });
    const append = () => database.transaction((tx) => ledger.append(tx, draft()));
    try {
      for (let i = 0; i < 3; i += 1) await ledger.settle(await append());
      await administrator.query(KEEP);
      for (let i = 0; i < 2; i += 1) await ledger.settle(await append());
      await administrator.query(SET_BACK);
      await assert.rejects(ledger.settle(await append(), 1000), { code: 'ledger.unavailable' });
      assert.equal((await ledger.latest()).size, 3, 'nothing was signed');
      assert.match(gate.reason, /signed 5 entries, the database now has 3/);
      await assert.rejects(append(), { code: 'ledger.quarantined' });
    } finally {
      await ledger.close();
      await administrator.end();
      await world.close();
    }
  });
});
