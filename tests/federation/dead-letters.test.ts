import assert from 'node:assert/strict';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryWorker } from '../../src/federation/delivery/delivery.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { statementSealer } from '../../src/federation/undelivered/statement.ts';
import { giveUpDelivery } from '../../src/federation/queue/give-up.ts';
import { findDelivery } from '../../src/federation/queue/queue-store.ts';
import { retryDelivery } from '../../src/federation/queue/retry.ts';
import type { EnvelopeContent } from '../../src/wire/envelope.ts';
import { loadSchemas } from '../../src/wire/schema-registry.ts';
import type { PeerReply } from './peer.ts';
import { openSender, problem, until, type Sender } from './sender.ts';

describe('dead letters', () => {
  let sender: Sender;
  let worker: DeliveryWorker | undefined;
  let sealStatement: ReturnType<typeof statementSealer>;

  before(async () => {
    sender = await openSender();
    const directory = mkdtempSync(join(tmpdir(), 'lz-schemas-'));
    const file = 'undelivered.json';
    cpSync(new URL(`../../schemas/${file}`, import.meta.url), join(directory, file));
    const sealKey = sender.tls.alliance.members.a.seal.signing;
    sealStatement = statementSealer({ member: 'bank-a', sealKey, schemas: loadSchemas(directory) });
  });
  beforeEach(() => {
    sender.late = 0;
    sender.peer.requests.length = 0;
  });
  afterEach(async () => {
    await worker?.close();
    worker = undefined;
  });
  after(() => sender.close());

  const deps = () => {
    const { ledger, registry, world } = sender.gateway;
    const { client, clock } = sender;
    const kickDelivery = (): void => worker?.kick();
    return {
      member: 'bank-a',
      database: world.database,
      ledger,
      registry,
      client,
      clock,
      sealStatement,
      kickDelivery,
    };
  };
  const status = (results: readonly object[]): PeerReply => ({
    status: 200,
    body: Buffer.from(JSON.stringify({ results })),
  });
  const accepted = (id: string) => {
    const { origin } = sender.tls.alliance.members.b.ledger;
    return { id, state: 'accepted', receipt: { origin, index: 7, leaf: 'ab'.repeat(32) } };
  };
  const statementOf = async (mid: string): Promise<EnvelopeContent['body']> => {
    const { evidence } = (await findDelivery(sender.gateway.world.database, mid)) ?? {};
    const { payload } = JSON.parse(evidence ?? '{}') as { readonly payload: string };
    return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as EnvelopeContent).body;
  };
  /** Queues one that the peer leaves without an answer, then lets its time be over. */
  async function expireUnknown(word: PeerReply | 'hang-up' | ((mid: string) => PeerReply)): Promise<string> {
    let over = false;
    sender.peer.script = ({ path, body }) => {
      if (path === '/x/v1/messages' || !over) return 'hang-up';
      const { ids } = JSON.parse(body.toString()) as { readonly ids: readonly [string] };
      return typeof word === 'function' ? word(ids[0]) : word;
    };
    const { mid } = await sender.queue({ expiresAt: new Date(Date.now() + 60_000) });
    worker = sender.start(sealStatement);
    await until(() => sender.peer.requests.some(({ claims }) => claims.mid === mid));
    over = true;
    sender.late = 400_000;
    await worker.idle();
    return mid;
  }

  it('that expire without an answer are stated as unknown, with why the peer could not be asked', async () => {
    const mid = await expireUnknown('hang-up');
    const { end, outcome, asked, attempts } = await statementOf(mid);
    assert.deepEqual([end, outcome], ['expired', 'unknown']);
    assert.equal((asked as { readonly code?: string }).code, 'exchange.peer-unreachable');
    assert.ok(Number(attempts) >= 1, `${Number(attempts)}`);
    const kinds = (await sender.entriesOf(mid)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['message.offered', 'message.expired', 'delivery.evidence']);
  });

  it('are stated as not accepted when the peer, asked once more, signs that it has no such message', async () => {
    const mid = await expireUnknown((id) => status([{ id, state: 'unknown' }]));
    const { outcome, asked } = await statementOf(mid);
    assert.equal(outcome, 'not-accepted');
    assert.match(String((asked as { readonly token?: string }).token), /^[0-9a-f]{64}$/);
    const { outcomeUnknown, responseToken } = (await findDelivery(sender.gateway.world.database, mid)) ?? {};
    assert.equal(outcomeUnknown, false);
    assert.ok(responseToken, 'the signed answer is kept');
  });

  it('are stated as unknown when the peer says that it accepted, and brings no proof', async () => {
    const mid = await expireUnknown((id) => status([accepted(id)]));
    const { outcome, asked } = await statementOf(mid);
    assert.equal(outcome, 'unknown');
    assert.equal((asked as { readonly accepted?: { readonly index: number } }).accepted?.index, 7);
  });

  it('that were refused are sent anew under another id, once; the refusal stands', async () => {
    sender.peer.script = () => problem(422, 'schema.unknown');
    const { mid } = await sender.queue();
    worker = sender.start(sealStatement);
    await worker.idle();
    const dead = async (): Promise<readonly string[]> =>
      (await listDeliveries(sender.gateway.world.database, { dead: true })).map((one) => one.mid);
    assert.ok((await dead()).includes(mid), 'listed');
    const answer = (await findDelivery(sender.gateway.world.database, mid))?.responseBody;
    assert.equal(answer, '{"code":"schema.unknown"}');
    const anew = await retryDelivery(deps(), { mid, actor: 'clerk-1' });
    assert.equal(anew.as, 'new-message');
    assert.notEqual(anew.mid, mid);
    await worker.idle();
    assert.deepEqual([(await dead()).includes(mid), (await dead()).includes(anew.mid)], [false, true]);
    assert.equal((await sender.recordOf(mid))?.state, 'refused');
    await assert.rejects(retryDelivery(deps(), { mid, actor: 'clerk-1' }), { code: 'delivery.state' });
    const bodies = sender.peer.requests.map(({ body }) => body.toString());
    assert.equal(new Set(bodies).size, 1);
  });

  it('are answered for by a person, whose name and reason stand in the ledger', async () => {
    sender.peer.script = () => problem(422, 'schema.unknown');
    const { mid } = await sender.queue();
    worker = sender.start(sealStatement);
    await worker.idle();
    await giveUpDelivery(deps(), { mid, actor: 'clerk-9', reason: 'superseded' });
    const last = (await sender.entriesOf(mid)).at(-1);
    assert.deepEqual([last?.kind, last?.code], ['dead-letter.given-up', 'superseded']);
    await assert.rejects(giveUpDelivery(deps(), { mid, actor: 'x', reason: 'other' }), {
      code: 'delivery.state',
    });
    await assert.rejects(giveUpDelivery(deps(), { mid: crypto.randomUUID(), actor: 'x', reason: 'other' }), {
      code: 'delivery.not-found',
    });
  });

  it('are not made of a message that the peer says it has', async () => {
    let answers = false;
    sender.peer.script = ({ path, claims, body }) => {
      if (path === '/x/v1/messages' || !answers) return 'hang-up';
      assert.notEqual(claims.mid, '');
      const { ids } = JSON.parse(body.toString()) as { readonly ids: readonly [string] };
      return status([accepted(ids[0])]);
    };
    const { mid } = await sender.queue();
    worker = sender.start(sealStatement);
    await until(async () => (await sender.recordOf(mid))?.code !== null);
    await worker.close();
    answers = true;
    await assert.rejects(giveUpDelivery(deps(), { mid, actor: 'x', reason: 'other' }), {
      code: 'delivery.state',
    });
    assert.equal((await sender.recordOf(mid))?.state, 'sent');
    await sender.gateway.world.database.query(`UPDATE delivery SET state = 'given-up' WHERE mid = $1`, [mid]);
  });
});

describe('a peer that is down', () => {
  let sender: Sender;

  before(async () => {
    sender = await openSender();
  });
  after(() => sender.close());

  it('costs one probe at a time, and is tried at once when it is heard again', async () => {
    let down = true;
    let together = 0;
    let most = 0;
    let last = 0;
    sender.peer.script = async ({ path }) => {
      if (path !== '/x/v1/messages' && !down) return { status: 200, body: Buffer.from('{"results":[]}') };
      last = Date.now();
      together += 1;
      most = Math.max(most, together);
      await sleep(30);
      together -= 1;
      return down ? 'hang-up' : problem(422, 'schema.invalid');
    };
    for (let at = 0; at < 12; at += 1) await sender.queue();
    const worker = sender.start();
    const circuit = () => worker.circuits().find(({ peer }) => peer === 'bank-b');
    await until(() => circuit()?.state === 'open');
    // What was on its way when the circuit opened may still arrive; probes are a second apart.
    await until(() => together === 0 && Date.now() - last > 300);
    most = 0;
    const failures = circuit()?.failures ?? 0;
    await until(() => (circuit()?.failures ?? 0) >= failures + 2);
    assert.equal(most, 1);
    down = false;
    // A probe a second at the most, whoever calls.
    await sleep(1_100);
    worker.heard('bank-b');
    await worker.idle();
    assert.equal(circuit()?.state, 'closed');
  }).timeout(120_000);
});
