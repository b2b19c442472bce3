import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepPresence, type Presence } from '../../src/gateway/processes/presence.ts';
import { readRoles } from '../../src/gateway/processes/roles.ts';
import { LedgerGate } from '../../src/ledger/gate.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';

/** Longer than a process is believed to live without a word. */
const WAIT_MS = 20_000;

describe('processes that share a database', function () {
  this.timeout(60_000);
  let world: TestDatabase;
  let kept: Presence[] = [];
  beforeEach(async () => {
    world = await createTestDatabase();
  });
  afterEach(async () => {
    for (const presence of kept) await presence.close();
    kept = [];
    await world.close();
  });

  const open = async (roles: readonly string[], gate: LedgerGate): Promise<Presence> => {
    const presence = await keepPresence({
      ...{ database: world.database, gateway: roles.join('-'), roles: readRoles(roles), gate },
      onError: (error) => assert.fail(String(error)),
    });
    kept.push(presence);
    return presence;
  };
  const end = async (presence: Presence): Promise<void> => {
    kept = kept.filter((one) => one !== presence);
    await presence.close();
  };

  it('one that takes requests is open once one that sequences is, and shut some seconds after it left', async () => {
    const [front, back] = [new LedgerGate('waiting', 'start'), new LedgerGate('waiting', 'no answer from r')];
    const api = await open(['api'], front);
    assert.throws(() => front.assertOpen(), { code: 'ledger.unavailable' });
    const sequencer = await open(['sequencer', 'delivery', 'clock'], back);
    await until(() => front.reason, 'no answer from r');
    back.open();
    await until(() => front.state, 'open');
    assert.deepEqual(api.missing(), []);
    await end(sequencer);
    await until(() => front.code, 'gateway.no-sequencer');
    assert.throws(() => front.assertWritable(), { code: 'gateway.no-sequencer' });
    assert.deepEqual(api.missing(), ['sequencer', 'delivery', 'clock']);
  });

  it('what one finds against the ledger holds for all, and a new start is bound by no echo of it', async () => {
    const [first, second] = [new LedgerGate(), new LedgerGate()];
    const finder = await open(['api', 'sequencer'], first);
    await open(['sequencer', 'delivery'], second);
    first.quarantine('witness r has more');
    await until(() => second.state, 'quarantined');
    assert.match(second.reason, /another process.*witness r has more/);
    await end(finder);
    const fresh = new LedgerGate();
    const again = await open(['api', 'sequencer'], fresh);
    await until(() => again.others().length, 1);
    assert.equal(fresh.state, 'open', 'its own witnesses decide about it');
  });

  it('a row that nobody renews is nobody', async () => {
    await world.database.query(
      `INSERT INTO gateway_process (id, gateway, roles, gate, reason)
       VALUES (gen_random_uuid(), 'ghost', '{api,sequencer}', 'quarantined', 'killed')`,
    );
    const gate = new LedgerGate();
    const presence = await open(['api', 'sequencer'], gate);
    await sleep(2500);
    assert.deepEqual([presence.others(), gate.state], [[], 'open']);
  });

  it('one that only looks on sees a database that was set back', async () => {
    const head = (size: number) =>
      world.database.query('UPDATE ledger_head SET size = $1, sm3_size = $1', [size]);
    await world.database.query(
      `INSERT INTO ledger_head (id, origin, size, root, frontier, last_leaf, sm3_size, sm3_frontier)
       VALUES (1, 'o', 5, '\\x00', '', '', 5, '')`,
    );
    const gate = new LedgerGate();
    await open(['api', 'sequencer'], gate);
    await head(9);
    await sleep(2500);
    assert.equal(gate.state, 'open', 'a log that grows is well');
    await head(7);
    await until(() => gate.state, 'quarantined');
    assert.match(gate.reason, /saw 9 entries, the database now has 7/);
  });
});

async function until(look: () => unknown, wanted: unknown): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (Date.now() < deadline && look() !== wanted) await sleep(50);
  assert.equal(look(), wanted, `after ${WAIT_MS} ms there was ${String(look())}`);
}
