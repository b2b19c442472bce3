import assert from 'node:assert/strict';
import { systemClock } from '../../src/core/clock.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { newId, newNonce } from '../../src/core/ids.ts';
import {
  createInbox,
  type InboxHandler,
  type MessageAnswer,
  type MessageReceiver,
  type ReceivedMessage,
} from '../../src/federation/inbox.ts';
import { openTokenIdStore, type TokenIdStore } from '../../src/federation/tokens/token-store.ts';
import { useToken } from '../../src/federation/tokens/token-use.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { readLedgerKey } from '../../src/ledger/notes/note.ts';
import { openDatabase, type Database, type Queryable } from '../../src/storage/database.ts';
import { answerlessCommits } from '../ledger/commit-proxy.ts';
import { fakeThumbprint, sealedNote, testAlliance, type TestAlliance } from './alliance.ts';
import { openGateway, type Gateway } from './gateway.ts';

/** One process of the gateway: its memory of tokens is its own, the database is everybody's. */
interface Process {
  readonly store: TokenIdStore;
  readonly inbox: MessageReceiver;
  receive(received: ReceivedMessage): Promise<MessageAnswer>;
}

describe('the use of a token', () => {
  let alliance: TestAlliance;
  let gateway: Gateway;
  let refused: ReadonlySet<string>;
  let transactions: number[];
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    alliance = await testAlliance();
    gateway = await openGateway(alliance, alliance.members.b);
  });
  after(() => gateway.close());
  beforeEach(() => {
    refused = new Set();
    transactions = [];
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Its business rows are notes that were inserted; the ones to be refused are refused after writing. */
  const together: NonNullable<InboxHandler['acceptTogether']> = async (tx: Queryable, messages) => {
    transactions.push(messages.length);
    for (const { mid } of messages)
      await tx.query(
        `INSERT INTO token_id (issuer, jti, exp) VALUES ('note', $1, 0) ON CONFLICT DO NOTHING`,
        [mid],
      );
    if (messages.some(({ mid }) => refused.has(mid))) throw new GatewayError('feature.invalid');
    return messages.map(({ content }) => ({ subject: { type: 'note', id: content.id } }));
  };
  const handler: InboxHandler = {
    right: 'push',
    personal: () => false,
    accept: async (tx, message) => (await together(tx, [message]))[0]!,
    acceptTogether: together,
  };

  function open(over: { readonly ledger?: Ledger; readonly database?: Database } = {}): Process {
    const { ledger = gateway.ledger, database = gateway.world.database } = over;
    const store = openTokenIdStore({ database: gateway.world.database, clock: systemClock, purges: false });
    closing.push(() => store.close());
    const { registry } = gateway;
    const common = { member: 'bank-b', database, ledger, registry, clock: systemClock };
    const inbox = createInbox({ ...common, schemas: alliance.schemas, handlers: { 'test-note': handler } });
    return {
      store,
      inbox,
      receive: async (received) => inbox.receive({ ...received, use: useToken(received.claims, store) }),
    };
  }

  async function arrival(change: Partial<ReceivedMessage['claims']> = {}): Promise<ReceivedMessage> {
    const { content, sealed } = await sealedNote(alliance, { from: alliance.members.a });
    const now = Math.floor(Date.now() / 1000);
    const { schema, group: grp, purpose: pur } = content;
    const claims = { iss: 'bank-a', aud: 'bank-b', grp, pur, iat: now, nbf: now, exp: now + 60, ...change };
    const request = { htm: 'POST', htu: 'https://b.example:8443/x/v1/messages', cty: 'application/json' };
    const cnf = { 'x5t#S256': fakeThumbprint('bank-a') };
    const about = { cdg: `sha-256=${fakeThumbprint('body')}`, len: 1, cnf, reg: 1, ofr: null };
    const ids = { jti: newNonce(), mid: newId(), sch: `${schema.id}#${schema.sha256}` };
    return {
      from: 'bank-a',
      claims: { ...request, ...about, ...ids, ...claims },
      token: `token-${newNonce()}`,
      body: { ...sealed },
      bodySha256: sha256Hex(JSON.stringify(sealed)),
    };
  }

  /** The same message under a fresh token: what an honest sender does. */
  const retryOf = (one: ReceivedMessage): ReceivedMessage => ({
    ...one,
    claims: { ...one.claims, jti: newNonce() },
    token: `token-${newNonce()}`,
  });

  async function rowsOf({ claims: { jti, mid } }: ReceivedMessage) {
    const { rows } = await gateway.world.database.query<{ used: number; inbox: number; note: number }>(
      `SELECT (SELECT count(*) FROM token_id WHERE issuer = 'bank-a' AND jti = $1) AS used,
              (SELECT count(*) FROM inbox WHERE mid = $2::uuid) AS inbox,
              (SELECT count(*) FROM token_id WHERE issuer = 'note' AND jti = $2::text) AS note`,
      [jti, mid],
    );
    return rows[0];
  }

  const entriesOf = async ({ claims: { mid } }: ReceivedMessage): Promise<number> =>
    (await gateway.entries()).filter((one) => one.mid === mid).length;

  const replayed = { code: 'token.replayed' };

  it('is stored with the acceptance, and with nothing that fails before', async () => {
    const process = open();
    const one = await arrival();
    assert.equal((await process.receive(one)).replayed, false);
    assert.deepEqual(await rowsOf(one), { used: 1, inbox: 1, note: 1 });
    const bad = await arrival();
    refused = new Set([bad.claims.mid]);
    await assert.rejects(process.receive(bad), { code: 'feature.invalid' });
    assert.deepEqual(await rowsOf(bad), { used: 0, inbox: 0, note: 0 }, 'whoever refuses it spends it');
  });

  it('is told from a copy by the process that accepted it and by one that did not', async () => {
    const [first, second] = [open(), open()];
    const one = await arrival();
    await first.receive(one);
    await assert.rejects(first.receive(one), replayed);
    await assert.rejects(second.receive(one), replayed);
    await assert.rejects(open().receive(one), replayed, 'a process that has just started');
    assert.deepEqual(await rowsOf(one), { used: 1, inbox: 1, note: 1 });
    assert.equal(await entriesOf(one), 1);
  });

  it('is one of many copies that eight processes are given at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const one = await arrival();
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => open().receive(one)));
      const codes = results.map((result) =>
        result.status === 'fulfilled' ? 'accepted' : (result.reason as GatewayError).code,
      );
      assert.deepEqual(codes.sort(), ['accepted', ...Array.from({ length: 7 }, () => 'token.replayed')]);
      assert.deepEqual(await rowsOf(one), { used: 1, inbox: 1, note: 1 });
    }
  });

  it('gives a retry under a fresh token the stored answer, once', async () => {
    const [first, second] = [open(), open()];
    const one = await arrival();
    const answer = await first.receive(one);
    const retry = retryOf(one);
    const again = await second.receive(retry);
    assert.deepEqual([again.replayed, again.body], [true, answer.body]);
    await assert.rejects(first.receive(retry), replayed);
    await assert.rejects(open().receive(retry), replayed);
    assert.deepEqual(await rowsOf(retry), { used: 1, inbox: 1, note: 1 });
  });

  it('says that other bytes under the id are a conflict only while the token is fresh', async () => {
    const process = open();
    const one = await arrival();
    await process.receive(one);
    const other = { ...(await arrival()), claims: { ...one.claims, jti: newNonce() } };
    const use = useToken(other.claims, process.store);
    await assert.rejects(process.inbox.receive({ ...other, use }), { code: 'exchange.id-conflict' });
    await use.spend();
    await assert.rejects(useToken(other.claims, open().store).spend(), replayed);
  });

  it('counts for one issuer, not for another with the same jti', async () => {
    const { store } = open();
    const one = { iss: 'bank-a', jti: newNonce(), exp: 1e10 };
    await useToken(one, store).spend();
    await useToken({ ...one, iss: 'regulator-r' }, store).spend();
  });

  it('of two messages with one jti lets one through and keeps nothing of the other', async () => {
    const jti = newNonce();
    const [one, other] = [await arrival({ jti }), await arrival({ jti })];
    await open().receive(one);
    await assert.rejects(open().receive(other), replayed);
    assert.deepEqual(await rowsOf(other), { used: 1, inbox: 0, note: 0 });
    assert.equal(await entriesOf(other), 0);
  });

  it('does not refuse the neighbours of a copy that share its transaction', async () => {
    const [first, second] = [open(), open()];
    const messages = await Promise.all(Array.from({ length: 12 }, () => arrival()));
    const jti = messages[5]!.claims.jti;
    await first.receive(await arrival({ jti }));
    transactions = [];
    const results = await Promise.allSettled(messages.map((one) => second.receive(one)));
    assert.ok(
      transactions.some((size) => size > 1),
      `transactions of ${transactions.join()} messages: none was shared`,
    );
    const failed = results.flatMap((result, at) => (result.status === 'fulfilled' ? [] : [at]));
    assert.deepEqual(failed, [5]);
    for (const [at, one] of messages.entries())
      assert.deepEqual(await rowsOf(one), { used: 1, inbox: at === 5 ? 0 : 1, note: at === 5 ? 0 : 1 });
  });

  it('is not needed for what was pulled from a feed, beside messages that were pushed', async () => {
    const process = open();
    const messages = await Promise.all(Array.from({ length: 8 }, () => arrival()));
    await Promise.all(
      messages.map((one, at) => (at % 2 ? process.receive(one) : process.inbox.receive(one))),
    );
    for (const [at, one] of messages.entries())
      assert.deepEqual(await rowsOf(one), { used: at % 2, inbox: 1, note: 1 });
  });

  it('asked for twice says the same twice', async () => {
    const [first, second] = [open(), open()];
    const { claims } = await arrival();
    const [use, copy] = [useToken(claims, first.store), useToken(claims, second.store)];
    await use.spend();
    await use.spend();
    for (let at = 0; at < 2; at += 1) await assert.rejects(copy.spend(), replayed);
  });

  it('is remembered for some thousand others, and by the database after that', async () => {
    const { store } = open();
    const { claims } = await arrival();
    await useToken(claims, store).spend();
    for (let at = 0; at < 2000; at += 1) store.meet('bank-a', newNonce());
    assert.throws(() => useToken(claims, store), replayed);
    for (let at = 0; at < 5000; at += 1) store.meet('bank-a', newNonce());
    await assert.rejects(useToken(claims, store).spend(), replayed);
  });

  describe('when the answer to COMMIT is lost', () => {
    async function behindProxy(sequencer: boolean) {
      const { world, member } = gateway;
      const proxy = await answerlessCommits(world.url, sequencer ? 'batch' : 'anything');
      closing.push(() => proxy.close());
      const database = openDatabase({ url: proxy.url, poolSize: 8 });
      closing.push(() => database.close());
      const { origin, privateKey } = member.ledger;
      const options = { database, member: member.id, origin, key: readLedgerKey(privateKey) };
      const ledger = await openLedger({ ...options, clock: systemClock, sequencer });
      closing.push(() => ledger.close());
      return { proxy, ledger, process: open({ ledger, database }) };
    }

    async function isAnswered(sequencer: boolean): Promise<void> {
      const { proxy, ledger, process } = await behindProxy(sequencer);
      await process.receive(await arrival());
      proxy.arm();
      const one = await arrival();
      const answer = await process.receive(one);
      assert.equal(proxy.dropped(), 1, 'no COMMIT lost its answer');
      assert.equal(answer.status, 200);
      assert.deepEqual(await rowsOf(one), { used: 1, inbox: 1, note: 1 });
      await assert.rejects(process.receive(one), replayed);
      await assert.rejects(open({ ledger }).receive(one), replayed);
      assert.deepEqual((await open({ ledger }).receive(retryOf(one))).body, answer.body);
    }

    it('is no replay of itself, in a transaction of its own', () => isAnswered(false));

    it('is no replay of itself, with a batch of the ledger', async () => {
      await gateway.ledger.close();
      await isAnswered(true);
    });
  });
});
