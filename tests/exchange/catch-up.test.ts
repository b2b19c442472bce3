import assert from 'node:assert/strict';
import { newId } from '../../src/core/ids.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { erase } from '../../src/features/erasure/erase.ts';
import { catchUp, type CatchUpDeps } from '../../src/federation/feed/catch-up.ts';
import { writeCursor } from '../../src/federation/feed/cursor.ts';
import { startCatchUp } from '../../src/federation/feed/catch-up-worker.ts';
import { createInbox } from '../../src/federation/inbox.ts';
import { featureBatchHandler } from '../../src/features/receive.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { PeerClient } from '../../src/federation/peers/peer-client.ts';
import { readGatewayKeys } from '../../src/gateway/keys/gateway-keys.ts';
import { canonicalBytes } from '../../src/core/canonical.ts';
import { openTwoMembers, schemas, type TwoMembers } from './two-members.ts';

const FEED = { peer: 'bank-a', group: FEATURE_GROUP };

describe('a member that comes later catches up', function () {
  this.timeout(90_000);
  let two: TwoMembers;
  let client: PeerClient;

  before(async () => {
    two = await openTwoMembers();
    const { config, registry } = two.insurer();
    const keys = await readGatewayKeys(config);
    const clock = (): Date => new Date();
    // Our own client would not even ask for a group that it is not in.
    const asking = {
      current: () => ({ ...registry.current(), inGroup: () => true }),
      onChange: registry.onChange.bind(registry),
    };
    client = new PeerClient({
      ...{ registry: asking, member: 'insurer-b', sealKey: keys.seal, tls: keys.tls, clock },
      allowPrivateNetworks: true,
    });
    await two.insurerInGroup(false);
    await two.push({ type: 'domain', value: 'one.example' });
    await two.push({ type: 'domain', value: 'two.example' });
    await two.push({ type: 'phone', value: '13900000001' }, { type: 'phone', value: '13900000002' });
    await two.push({ type: 'domain', value: 'four.example' });
    await erase(two.bank().features, {
      ...{ id: newId(), type: 'phone', value: '13900000002', reason: 'purpose-ended' },
      ...{ legalBasis: ['PIPL-47'], actor: 'tester' },
    });
  });
  after(async () => {
    await client.close();
    await two.close();
  });

  const ask = (body: object, group = FEATURE_GROUP) =>
    client.call({
      ...{ to: 'bank-a', path: '/x/v1/feed', group, purpose: 'catch-up', mid: newId(), schema: '-' },
      ...{ offer: null, body: canonicalBytes(body) },
    });
  const codeOf = (answer: { readonly body: Buffer }): unknown =>
    (JSON.parse(answer.body.toString()) as { readonly code?: unknown }).code;
  const inbox = async (): Promise<number> => {
    const { rows } = await two.insurer().database.query<{ n: number }>('SELECT count(*) AS n FROM inbox');
    return rows[0]?.n ?? 0;
  };
  /** As the gateway has them, with the answers of the peer in the hands of the test. */
  const deps = (call: CatchUpDeps['client']['call'] = (one) => client.call(one)): CatchUpDeps => {
    const { features, registry, database, ledger } = two.insurer();
    const common = { member: 'insurer-b', database, ledger, registry, schemas, clock: () => new Date() };
    const handlers = { 'feature-batch': featureBatchHandler(features) };
    return { ...common, client: { call }, messages: createInbox({ ...common, handlers }) };
  };

  it('gets nothing while it is no member, and is not told whether there is such a group', async () => {
    const closed = await ask({ group: FEATURE_GROUP, cursor: null, limit: 10 });
    const none = await ask({ group: 'no-such-group', cursor: null, limit: 10 }, 'no-such-group');
    assert.deepEqual([closed.status, codeOf(closed)], [403, 'grant.refused']);
    assert.deepEqual([none.status, codeOf(none)], [403, 'grant.refused']);
    // Even where there is nothing to hand out.
    const empty = await ask({ group: FEATURE_GROUP, cursor: writeCursor(1_000_000), limit: 10 });
    assert.deepEqual([empty.status, codeOf(empty)], [403, 'grant.refused']);
    await assert.rejects(two.insurer().desk.catchUp(FEED), { code: 'grant.refused' });
    assert.equal((await listDeliveries(two.bank().database)).length, 0);
  });

  it('takes nothing that its issuer has not signed for it, byte for byte', async () => {
    await two.insurerInGroup(true);
    const bent = deps(async (call) => {
      const answer = await client.call(call);
      const page = JSON.parse(answer.body.toString()) as { items: { token: string; body: string }[] };
      const [first, second] = page.items;
      assert.ok(first && second, 'a page of two');
      page.items = [
        { ...first, body: first.body.replace('"payload":"', '"payload":"e') },
        { token: second.token, body: first.body },
      ];
      return { ...answer, body: Buffer.from(JSON.stringify(page)) };
    });
    const report = await catchUp(bent, FEED, { limit: 2, mostPages: 1 });
    assert.deepEqual(
      report.refused.map(({ code }) => code),
      ['exchange.digest-mismatch', 'exchange.digest-mismatch'],
    );
    assert.equal(await inbox(), 0);
  });

  it('reads the feed page by page, each envelope once, and what was erased stays erased', async () => {
    const report = await two.insurer().desk.catchUp(FEED, { limit: 2, anew: true });
    assert.deepEqual(
      { ...report, pages: 0 },
      {
        ...{ ...FEED, pages: 0, accepted: 4, known: 0, refused: [], done: true },
      },
    );
    const { rows } = await two
      .insurer()
      .database.query<{ value: string }>(
        'SELECT coalesce(f.value, d.value) AS value FROM feature f LEFT JOIN feature_disclosure d USING (batch, position)',
      );
    const values = rows.map(({ value }) => value).sort();
    assert.deepEqual(
      values.filter((value) => value !== null),
      ['+8613900000001', 'four.example', 'one.example', 'two.example'],
    );
    assert.equal(rows.length, 5);
    const again = await two.insurer().desk.catchUp(FEED);
    assert.deepEqual([again.accepted, again.known, again.done], [0, 0, true]);
    assert.equal(await inbox(), 4);
  });

  it('is answered once more when the late push comes: one effect, and both ledgers agree', async () => {
    const open = await listDeliveries(two.bank().database);
    assert.equal(open.length, 4);
    for (const { mid } of open) assert.equal((await two.bank().desk.retry({ mid, actor: 'x' })).as, 'due');
    await two.bank().delivery.idle();
    const states = (await listDeliveries(two.bank().database)).map(({ state }) => state);
    assert.deepEqual(states, ['acked', 'acked', 'acked', 'acked']);
    assert.equal(await inbox(), 4);
    const report = await two.audit();
    assert.ok(report.ok, JSON.stringify(report));
    assert.equal(report.pairs[0]?.failures.length, 0);
    assert.ok((report.pairs[0]?.matched ?? 0) >= 8, JSON.stringify(report.pairs));
  });

  it('refuses a cursor that it has not given out, and one that is no cursor', async () => {
    for (const cursor of [Buffer.from('feed1:01').toString('base64url'), 'AAAA']) {
      const answer = await ask({ group: FEATURE_GROUP, cursor, limit: 10 });
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'feed.cursor-invalid']);
    }
    const shape = await ask({ group: FEATURE_GROUP, cursor: '?', limit: 101 });
    assert.equal(codeOf(shape), 'schema.invalid');
  });

  it('pulls what expired while it was away, under the id of the lost push', async () => {
    await two.alliance.stop('insurer-b');
    const mid = await two.push({ type: 'domain', value: 'five.example' });
    await two.bank().database.query('UPDATE delivery SET expires_at = now() WHERE mid = $1', [mid]);
    await two.bank().delivery.idle();
    assert.equal((await listDeliveries(two.bank().database, { limit: 1 }))[0]?.state, 'expired');
    await two.alliance.start('insurer-b');
    const report = await two.insurer().desk.catchUp(FEED);
    assert.deepEqual([report.accepted, report.known], [1, 0]);
    await two.bank().desk.retry({ mid: mid ?? '', actor: 'x' });
    await two.bank().delivery.idle();
    const [last] = await listDeliveries(two.bank().database, { limit: 1 });
    assert.deepEqual([last?.mid, last?.state], [mid, 'acked']);
    const audit = await two.audit();
    assert.ok(audit.ok, JSON.stringify(audit));
  });

  it('catches up by itself with a group that it is newly in', async () => {
    await two.insurerInGroup(false);
    await two.push({ type: 'domain', value: 'six.example' });
    await two.insurerInGroup(true);
    const before = await inbox();
    const worker = startCatchUp({ ...deps(), registry: two.insurer().registry }, { firstMs: 0, everyMs: 50 });
    await two.insurer().database.query('UPDATE feed_position SET caught_up_at = NULL');
    const deadline = Date.now() + 10_000;
    while ((await inbox()) === before && Date.now() < deadline)
      await new Promise((done) => setTimeout(done, 20));
    await worker.close();
    assert.equal(await inbox(), before + 1);
  });
});
