import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { JsonValue } from '../../src/core/canonical.ts';
import { systemClock } from '../../src/core/clock.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import type { Acknowledged } from '../../src/federation/messages/deliver-message.ts';
import { startDelivery, type DeliveryWorker } from '../../src/federation/delivery/delivery.ts';
import { createInbox, type MessageReceiver } from '../../src/federation/inbox.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { enqueue } from '../../src/federation/delivery/outbox.ts';
import { PeerClient } from '../../src/federation/peers/peer-client.ts';
import { createStatusAnswerer, type StatusAnswerer } from '../../src/federation/status.ts';
import { newDisclosure, type Disclosure } from '../../src/wire/disclosure.ts';
import { parseStrictJson } from '../../src/wire/json/strict-json.ts';
import { sealedNote, testAlliance } from './alliance.ts';
import { openGateway, type Gateway } from './gateway.ts';
import {
  startPeer,
  tlsAlliance,
  type PeerReply,
  type PeerRequest,
  type TestPeer,
  type TlsAlliance,
} from './peer.ts';

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  assert.fail('it took more than 20 s');
}

describe('delivery', () => {
  let tls: TlsAlliance;
  let sender: Gateway;
  let receiver: Gateway;
  let peer: TestPeer;
  let inbox: MessageReceiver;
  let status: StatusAnswerer;
  let client: PeerClient;
  let worker: DeliveryWorker | undefined;
  let acknowledged: Acknowledged[];
  const disclosures = new Map<string, readonly Disclosure[]>();
  let late = 0;
  const clock = () => new Date(Date.now() + late);

  before(async () => {
    tls = await tlsAlliance();
    const { a, b } = tls.alliance.members;
    [sender, receiver] = await Promise.all([openGateway(tls.alliance, a), openGateway(tls.alliance, b)]);
    peer = await startPeer(tls);
    const common = {
      member: b.id,
      database: receiver.world.database,
      ledger: receiver.ledger,
      registry: receiver.registry,
    };
    const deps = { ...common, schemas: tls.alliance.schemas, clock: systemClock };
    const accept = ({ content }: { content: { id: string } }) =>
      Promise.resolve({ subject: { type: 'note', id: content.id } });
    const handler = {
      right: 'push' as const,
      personal: () => false,
      accept: (_tx: unknown, m: never) => accept(m),
    };
    inbox = createInbox({ ...deps, handlers: { 'test-note': handler } });
    status = createStatusAnswerer(deps);
    client = new PeerClient({
      registry: sender.registry,
      member: a.id,
      sealKey: a.seal.signing,
      tls: tls.a,
      clock: systemClock,
      allowPrivateNetworks: true,
    });
  });
  beforeEach(() => {
    late = 0;
    acknowledged = [];
    peer.requests.length = 0;
    peer.script = receive;
  });
  afterEach(async () => {
    await worker?.close();
    worker = undefined;
  });
  after(async () => {
    await client.close();
    await peer.close();
    await Promise.all([sender.close(), receiver.close()]);
  });

  /** What the peer plane does, without its checks. */
  async function receive({ path, claims, token, body }: PeerRequest): Promise<PeerReply> {
    const value: JsonValue = parseStrictJson(body);
    if (path === '/x/v1/status') {
      const { results } = await status((value as { readonly ids: string[] }).ids, claims.iss);
      return { status: 200, body: Buffer.from(JSON.stringify({ results })) };
    }
    const answer = await inbox
      .receive({ from: claims.iss, claims, token, body: value, bodySha256: sha256Hex(body) })
      .catch((error: unknown) => error as GatewayError);
    if ('code' in answer) return problem(answer.status, answer.code);
    const { origin, index, leaf } = answer.receipt;
    return {
      status: 200,
      body: answer.body,
      claims: { rpl: answer.replayed, rcpt: { origin, index, leaf } },
    };
  }
  const problem = (code: number, name: string): PeerReply => ({
    status: code,
    body: Buffer.from(JSON.stringify({ code: name })),
  });

  function start(): DeliveryWorker {
    worker = startDelivery({
      member: 'bank-a',
      database: sender.world.database,
      ledger: sender.ledger,
      registry: sender.registry,
      client,
      disclosedOf: (id) => Promise.resolve({ disclosures: disclosures.get(id) ?? [], erased: [] }),
      clock,
      onAcknowledged: (done) => void acknowledged.push(done),
      onError: (error) => void sender.errors.push(error),
    });
    return worker;
  }

  async function queue(
    options: { readonly personal?: boolean; readonly expiresAt?: Date } = {},
  ): Promise<string> {
    const { content, sealed } = await sealedNote(tls.alliance, { from: tls.alliance.members.a });
    const { personal = false, expiresAt } = options;
    if (personal) disclosures.set(content.id, [newDisclosure('13900000000')]);
    const deps = { member: 'bank-a', ledger: sender.ledger, registry: sender.registry, clock };
    const message = { sealed, content, recipients: ['bank-b'], personal, ...(expiresAt && { expiresAt }) };
    const [queued] = await sender.world.database.transaction((tx) => enqueue(tx, deps, message));
    assert.ok(queued);
    await sender.ledger.settle(queued.offerKey);
    return queued.mid;
  }
  const entriesOf = async (gateway: Gateway, mid: string) =>
    (await gateway.entries()).filter((entry) => entry.mid === mid);
  const recordOf = async (mid: string) => {
    const all = await listDeliveries(sender.world.database, { limit: 1000 });
    return all.find((one) => one.mid === mid);
  };
  const messages = (mid: string) =>
    peer.requests.filter((request) => request.path === '/x/v1/messages' && request.claims.mid === mid);

  it('delivers once, and each ledger names the entry of the other', async () => {
    const mid = await queue();
    await start().idle();
    const [offered, closed] = await entriesOf(sender, mid);
    const [accepted] = await entriesOf(receiver, mid);
    assert.deepEqual([offered?.kind, closed?.kind], ['message.offered', 'message.acknowledged']);
    const offer = await receiverSees(mid);
    assert.equal(accepted?.counter?.leaf, offer);
    assert.equal(closed?.counter?.origin, tls.alliance.members.b.ledger.origin);
    const acceptedAt = (await receiver.entries()).findIndex((entry) => entry.mid === mid);
    assert.equal(closed.counter.index, acceptedAt);
    assert.deepEqual(
      acknowledged.map((done) => done.mid),
      [mid],
    );
    assert.equal((await recordOf(mid))?.state, 'acked');
    const { rows } = await sender.world.database.query<{ token: string; body: string }>(
      'SELECT response_token AS token, response_body AS body FROM delivery WHERE mid = $1',
      [mid],
    );
    assert.equal(sha256Hex(rows[0]?.token ?? ''), closed.token);
    assert.match(rows[0]?.body ?? '', /"status":"accepted"/);
  });

  const receiverSees = async (mid: string): Promise<string> => {
    const { rows } = await sender.world.database.query<{ leaf: string }>(
      `SELECT encode(e.leaf, 'hex') AS leaf FROM delivery d JOIN ledger_entry e ON e.key = d.offer_key WHERE mid = $1`,
      [mid],
    );
    return rows[0]?.leaf ?? '';
  };

  it('goes on within seconds, not after its lease, when the database failed while it was sent', async () => {
    const admin = new pg.Client({ connectionString: sender.world.superuserUrl });
    await admin.connect();
    try {
      await admin.query(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF NEW.state = 'acked' THEN RAISE EXCEPTION 'going down' USING ERRCODE = '57P01'; END IF; RETURN NEW; END $$`);
      await admin.query('CREATE TRIGGER dying BEFORE UPDATE ON delivery FOR EACH ROW EXECUTE FUNCTION die()');
      const mid = await queue();
      const errorsBefore = sender.errors.length;
      start();
      await until(() => sender.errors.length > errorsBefore);
      await admin.query('DROP TRIGGER dying ON delivery');
      await until(async () => (await recordOf(mid))?.state === 'acked');
      assert.equal((await entriesOf(receiver, mid)).length, 1, 'it was accepted once');
      sender.errors.length = errorsBefore;
    } finally {
      await admin.end();
    }
  });

  it('sends the same bytes under the same id until an answer comes, and asks for the status first', async () => {
    let attempts = 0;
    peer.script = async (request) => {
      if (request.path !== '/x/v1/messages') return receive(request);
      attempts += 1;
      const reply = await receive(request);
      return attempts === 1 ? 'hang-up' : reply;
    };
    const mid = await queue({ personal: true });
    await start().idle();
    const [first, second, ...more] = messages(mid);
    assert.ok(first && second);
    assert.deepEqual(more, []);
    assert.deepEqual(second.body, first.body);
    assert.notEqual(second.claims.jti, first.claims.jti);
    assert.deepEqual(
      peer.requests.map((request) => request.path.slice(6)),
      ['messages', 'status', 'messages'],
    );
    assert.equal((await entriesOf(receiver, mid)).length, 1);
    const closed = (await entriesOf(sender, mid)).at(-1);
    assert.equal(closed?.kind, 'message.acknowledged');
    assert.equal(closed.token, undefined);
  });

  it("takes the peer's status for its answer when the disclosures were erased in between", async () => {
    peer.script = async (request) => {
      const reply = await receive(request);
      if (request.path === '/x/v1/messages' && messages(request.claims.mid).length === 1) {
        disclosures.clear();
        return 'hang-up';
      }
      return reply;
    };
    const mid = await queue({ personal: true });
    await start().idle();
    assert.equal((await recordOf(mid))?.state, 'acked');
    const acceptedAt = (await receiver.entries()).findIndex((entry) => entry.mid === mid);
    assert.equal((await entriesOf(sender, mid)).at(-1)?.counter?.index, acceptedAt);
  });

  it('ends at a signed refusal and keeps it as a dead letter', async () => {
    peer.script = () => problem(422, 'schema.invalid');
    const mid = await queue();
    await start().idle();
    const record = await recordOf(mid);
    assert.deepEqual([record?.state, record?.code, record?.attempts], ['refused', 'schema.invalid', 1]);
    const closed = (await entriesOf(sender, mid)).at(-1);
    assert.deepEqual([closed?.kind, closed?.code], ['message.refused-by-peer', 'schema.invalid']);
    assert.deepEqual(acknowledged, []);
    const refused = await listDeliveries(sender.world.database, { state: 'refused' });
    assert.deepEqual(
      refused.map((one) => one.mid),
      [mid],
    );
  });

  it('believes no refusal that is not signed, and retries after 5xx and passing refusals', async () => {
    const replies: PeerReply[] = [
      { ...problem(422, 'schema.invalid'), unsigned: true },
      problem(503, 'ledger.unavailable'),
      problem(400, 'token.registry-unknown'),
    ];
    peer.script = (request) =>
      (request.path === '/x/v1/messages' ? replies.shift() : undefined) ?? receive(request);
    const mid = await queue();
    await start().idle();
    assert.equal((await recordOf(mid))?.state, 'acked');
    assert.equal(messages(mid).length, 4);
  });

  it('acknowledges no answer whose entry is not proven or speaks of another offer', async () => {
    let bent = 2;
    peer.script = async (request) => {
      const reply = await receive(request);
      if (request.path !== '/x/v1/messages' || bent === 0) return reply;
      bent -= 1;
      const { rcpt } = reply.claims ?? {};
      if (bent === 0 && rcpt) return { ...reply, claims: { rcpt: { ...rcpt, index: rcpt.index + 1 } } };
      return { ...reply, body: Buffer.from(reply.body.toString().replace('test-alliance', 'best-alliance')) };
    };
    const mid = await queue();
    await start().idle();
    assert.equal(messages(mid).length, 3);
    assert.equal((await recordOf(mid))?.state, 'acked');
  });

  it('acknowledges no acceptance that names another checkpoint of ours than the offer did', async () => {
    peer.script = (request) => {
      const { ofr } = request.claims;
      if (ofr === null || ofr === undefined) return receive(request);
      return receive({ ...request, claims: { ...request.claims, ofr: { ...ofr, root: 'f'.repeat(64) } } });
    };
    const mid = await queue({ expiresAt: new Date(Date.now() + 60_000) });
    start();
    while (messages(mid).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const { state, code } = (await recordOf(mid)) ?? {};
    assert.deepEqual({ state, code }, { state: 'sent', code: 'exchange.response-invalid' });
    late = 400_000;
    await worker?.idle();
    assert.equal((await recordOf(mid))?.state, 'expired');
  });

  it('sends nothing before the offer is durable', async () => {
    const { content, sealed } = await sealedNote(tls.alliance, { from: tls.alliance.members.a });
    const never = {
      append: (_tx: unknown, _draft: unknown, key?: Buffer) => Promise.resolve(key ?? Buffer.alloc(32)),
    };
    const deps = { member: 'bank-a', ledger: never, registry: sender.registry, clock };
    const message = { sealed, content, recipients: ['bank-b'], personal: false };
    const [queued] = await sender.world.database.transaction((tx) => enqueue(tx, deps, message));
    start();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(peer.requests, []);
    assert.equal((await recordOf(queued?.mid ?? ''))?.attempts, 0);
    await sender.world.database.query('DELETE FROM delivery WHERE mid = $1', [queued?.mid]);
  });

  it('logs what has outlived its time as expired', async () => {
    peer.script = () => 'hang-up';
    const mid = await queue({ expiresAt: new Date(Date.now() + 60_000) });
    start();
    while (messages(mid).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    late = 400_000;
    await worker?.idle();
    assert.equal((await recordOf(mid))?.state, 'expired');
    assert.equal((await entriesOf(sender, mid)).at(-1)?.kind, 'message.expired');
  });

  it('takes over what another worker left behind, without a second effect', async () => {
    let stuck = true;
    peer.script = async (request) => {
      const reply = await receive(request);
      return stuck ? 'hang-up' : reply;
    };
    const mid = await queue();
    start();
    while (messages(mid).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await worker?.close();
    stuck = false;
    late = 100_000;
    await start().idle();
    assert.equal((await recordOf(mid))?.state, 'acked');
    assert.equal((await entriesOf(receiver, mid)).length, 1);
    assert.equal((await entriesOf(sender, mid)).length, 2);
  });

  it('delivers 60 messages with two workers, each once', async () => {
    const mids: string[] = [];
    for (let at = 0; at < 60; at += 1) mids.push(await queue());
    const first = start();
    const second = start();
    await first.idle();
    await Promise.all([first.close(), second.idle()]);
    const accepted = (await receiver.entries()).filter((entry) => mids.includes(entry.mid ?? ''));
    assert.equal(accepted.length, 60);
    const closed = (await sender.entries()).filter(
      (entry) => entry.kind === 'message.acknowledged' && mids.includes(entry.mid ?? ''),
    );
    assert.equal(closed.length, 60);
    assert.deepEqual(sender.errors, []);
  });
});

describe('outbox', () => {
  it('queues for members of the group only, with one statement and one entry for each', async () => {
    const alliance = await testAlliance();
    const gateway = await openGateway(alliance, alliance.members.a);
    const { content, sealed } = await sealedNote(alliance, { from: alliance.members.a });
    const deps = { member: 'bank-a', ledger: gateway.ledger, registry: gateway.registry, clock: systemClock };
    for (const recipient of ['regulator-r', 'bank-a', 'nobody']) {
      const message = { sealed, content, recipients: [recipient], personal: false };
      await assert.rejects(enqueue(gateway.world.database, deps, message), { code: 'grant.refused' });
    }
    assert.deepEqual(await listDeliveries(gateway.world.database), []);
    let statements = 0;
    await gateway.world.database.transaction((tx) => {
      const counting: typeof tx = {
        ...tx,
        query: (text, values) => ((statements += 1), tx.query(text, values)),
      };
      return enqueue(counting, deps, { sealed, content, recipients: ['bank-b'], personal: false });
    });
    assert.equal(statements, 2);
    await gateway.close();
  });
});
