import assert from 'node:assert/strict';
import { releaseStranded } from '../../src/federation/lanes/pause-store.ts';
import type { DeliveryWorker } from '../../src/federation/delivery/delivery.ts';
import { openSender, problem, until, type Sender } from './sender.ts';

describe('streams', () => {
  let sender: Sender;
  let worker: DeliveryWorker | undefined;
  /** Mids that the peer does not answer. */
  const stuck = new Set<string>();

  before(async () => {
    sender = await openSender();
    sender.peer.script = ({ claims }) => (stuck.has(claims.mid) ? 'hang-up' : problem(422, 'schema.invalid'));
  });
  beforeEach(() => {
    stuck.clear();
    sender.peer.requests.length = 0;
  });
  afterEach(async () => {
    await worker?.close();
    worker = undefined;
  });
  after(() => sender.close());

  const seen = (mid: string): boolean => sender.peer.requests.some(({ claims }) => claims.mid === mid);
  const firstSeen = (mids: readonly string[]): readonly string[] => {
    const order = [...new Set(sender.peer.requests.map(({ claims }) => claims.mid))];
    return order.filter((mid) => mids.includes(mid));
  };
  const closed = async (mid: string): Promise<boolean> => (await sender.recordOf(mid))?.closedAt !== null;

  it('go one by one in the order in which they were queued, and hold up nobody else', async () => {
    const inTurn = [];
    for (let at = 0; at < 4; at += 1) inTurn.push((await sender.queue({ stream: 'case-1' })).mid);
    const other = (await sender.queue({ stream: 'case-2' })).mid;
    const free = (await sender.queue()).mid;
    const [first, second] = inTurn as [string, string];
    stuck.add(first);
    worker = sender.start();
    await until(async () => (await closed(other)) && (await closed(free)) && seen(first));
    assert.equal(seen(second), false);
    stuck.clear();
    await worker.idle();
    assert.deepEqual(firstSeen(inTurn), inTurn);
    const end = sender.peer.requests.findLastIndex(({ claims }) => claims.mid === first);
    assert.ok(sender.peer.requests.findIndex(({ claims }) => claims.mid === second) > end, 'overtaken');
  });

  it('go on after a refusal: the receiver judges each by itself', async () => {
    const [one, two] = [await sender.queue({ stream: 's' }), await sender.queue({ stream: 's' })];
    worker = sender.start();
    await worker.idle();
    assert.equal((await sender.recordOf(one.mid))?.state, 'refused');
    assert.equal((await sender.recordOf(two.mid))?.state, 'refused');
  });

  it('let nobody overtake when one in the middle expires', async () => {
    const first = (await sender.queue({ stream: 'm' })).mid;
    const middle = (await sender.queue({ stream: 'm', expiresAt: new Date(Date.now() + 300) })).mid;
    const last = (await sender.queue({ stream: 'm' })).mid;
    stuck.add(first);
    worker = sender.start();
    await until(async () => (await sender.recordOf(middle))?.state === 'expired');
    assert.deepEqual([seen(middle), seen(last)], [false, false]);
    const { rows } = await sender.gateway.world.database.query<{ after: string }>(
      'SELECT after_mid AS after FROM delivery_wait WHERE mid = $1',
      [last],
    );
    assert.deepEqual(rows, [{ after: first }]);
    stuck.clear();
    await worker.idle();
    assert.deepEqual(firstSeen([first, middle, last]), [first, last]);
  });

  it('wait for what is on its way of an envelope that they are about', async () => {
    const push = await sender.queue();
    stuck.add(push.mid);
    const erasure = (await sender.queue({ after: [push.envelope] })).mid;
    const unrelated = (await sender.queue({ after: [crypto.randomUUID()] })).mid;
    worker = sender.start();
    await until(async () => (await closed(unrelated)) && seen(push.mid));
    assert.equal(seen(erasure), false);
    stuck.clear();
    await worker.idle();
    assert.deepEqual(firstSeen([push.mid, erasure]), [push.mid, erasure]);
  });

  it('are taken up again when what they waited for was closed while they were queued', async () => {
    const { database } = sender.gateway.world;
    const first = (await sender.queue({ stream: 'z' })).mid;
    const second = (await sender.queue({ stream: 'z' })).mid;
    await database.query(`UPDATE delivery SET state = 'given-up', closed_at = now() WHERE mid = $1`, [first]);
    worker = sender.start();
    await releaseStranded(database);
    await until(() => closed(second));
    assert.equal(seen(second), true);
  });

  it('are queued by two transactions at once in one order', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => sender.queue({ stream: 'par' })));
    const mids = made.map(({ mid }) => mid);
    const { rows } = await sender.gateway.world.database.query<{ mid: string }>(
      'SELECT mid FROM delivery WHERE stream = $1 ORDER BY no',
      ['par'],
    );
    worker = sender.start();
    await worker.idle();
    assert.deepEqual(
      firstSeen(mids),
      rows.map(({ mid }) => mid),
    );
    assert.deepEqual(sender.gateway.errors, []);
  });
});
