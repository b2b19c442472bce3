import assert from 'node:assert/strict';
import { systemClock } from '../../src/core/clock.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { newId, newNonce } from '../../src/core/ids.ts';
import {
  createInbox,
  type Acceptance,
  type InboundMessage,
  type InboxHandlers,
  type MessageReceiver,
  type ReceivedMessage,
} from '../../src/federation/inbox.ts';
import { readAcceptance } from '../../src/federation/messages/acceptance-answer.ts';
import { createStatusAnswerer } from '../../src/federation/status.ts';
import type { JsonObject, JsonValue } from '../../src/core/canonical.ts';
import { createLedgerKey } from '../../src/ledger/notes/note.ts';
import type { TrustedKey } from '../../src/ledger/verify.ts';
import type { Queryable } from '../../src/storage/database.ts';
import { commit, newDisclosure } from '../../src/wire/disclosure.ts';
import type { EnvelopeContent } from '../../src/wire/envelope.ts';
import {
  fakeThumbprint,
  NOTE_SCHEMA,
  sealedNote,
  testAlliance,
  type NoteOptions,
  type TestAlliance,
} from './alliance.ts';
import { openGateway, type Gateway } from './gateway.ts';

describe('inbox', () => {
  let alliance: TestAlliance;
  let gateway: Gateway;
  let inbox: MessageReceiver;
  let settled: string[];
  let failing = false;

  before(async () => {
    alliance = await testAlliance();
    gateway = await openGateway(alliance, alliance.members.b);
    await gateway.world.database.query('SELECT 1');
    inbox = createInbox({ ...deps(), handlers });
  });
  after(() => gateway.close());
  beforeEach(() => {
    settled = [];
    failing = false;
  });

  const deps = () => ({
    member: 'bank-b',
    database: gateway.world.database,
    ledger: gateway.ledger,
    registry: gateway.registry,
    schemas: alliance.schemas,
    clock: systemClock,
  });
  /** Its business row: a token id, so that the test needs no table of its own. */
  const handlers: InboxHandlers = {
    'test-note': {
      right: 'push',
      personal: (content) => content.body['text'] === 'personal',
      accept: async (tx, { content, mid }) => {
        await tx.query(`INSERT INTO token_id (issuer, jti, exp) VALUES ('note', $1, 0)`, [mid]);
        if (failing) throw new GatewayError('feature.invalid', 'the handler refuses');
        return { subject: { type: 'note', id: content.id }, result: { seen: content.body['text'] ?? null } };
      },
      settled: ({ mid }) => void settled.push(mid),
    },
  };

  async function arrival(
    note: Partial<NoteOptions> = {},
    change: Partial<ReceivedMessage['claims']> = {},
    disclosures?: readonly JsonObject[],
  ): Promise<ReceivedMessage> {
    const { content, sealed } = await sealedNote(alliance, { from: alliance.members.a, ...note });
    const body = { ...sealed, ...(disclosures === undefined ? {} : { disclosures }) };
    return {
      from: 'bank-a',
      claims: { ...claimsFor(content), ...change },
      token: `token-${newNonce()}`,
      body: body as unknown as JsonValue,
      bodySha256: sha256Hex(JSON.stringify(body)),
    };
  }

  function claimsFor(content: EnvelopeContent): ReceivedMessage['claims'] {
    const now = Math.floor(Date.now() / 1000);
    const { origin } = alliance.members.a.ledger;
    return {
      iss: 'bank-a',
      aud: 'bank-b',
      grp: content.group,
      pur: content.purpose,
      iat: now,
      nbf: now,
      exp: now + 60,
      jti: newNonce(),
      mid: newId(),
      htm: 'POST',
      htu: 'https://bank-b.example:8443/x/v1/messages',
      cty: 'application/json',
      cdg: `sha-256=${fakeThumbprint('body')}`,
      len: 1,
      cnf: { 'x5t#S256': fakeThumbprint('bank-a') },
      sch: `${content.schema.id}#${content.schema.sha256}`,
      reg: 1,
      ofr: { origin, index: 7, leaf: 'a'.repeat(64), size: 8, root: 'b'.repeat(64) },
    };
  }

  async function rowsOf(mid: string): Promise<{ readonly inbox: number; readonly business: number }> {
    const { rows } = await gateway.world.database.query<{ inbox: number; business: number }>(
      `SELECT (SELECT count(*) FROM inbox WHERE mid = $1::uuid) AS inbox,
              (SELECT count(*) FROM token_id WHERE issuer = 'note' AND jti = $1::text) AS business`,
      [mid],
    );
    return rows[0] ?? { inbox: -1, business: -1 };
  }

  async function refuses(received: ReceivedMessage, code: string): Promise<void> {
    await assert.rejects(inbox.receive(received), { code });
    assert.deepEqual(await rowsOf(received.claims.mid), { inbox: 0, business: 0 });
  }

  it('accepts a message with one effect, one entry and a proven answer', async () => {
    const received = await arrival();
    const answer = await inbox.receive(received);
    const { mid, ofr } = received.claims;
    assert.ok(ofr);
    assert.deepEqual([answer.status, answer.replayed], [200, false]);
    assert.deepEqual(await rowsOf(mid), { inbox: 1, business: 1 });
    assert.deepEqual(settled, [mid]);
    const { origin, vkey } = alliance.members.b.ledger;
    const read = (...keys: readonly TrustedKey[]) =>
      readAcceptance(answer.body, {
        mid,
        member: 'bank-b',
        peer: 'bank-a',
        ledger: { origin, keys },
        receipt: answer.receipt,
        offer: ofr,
      });
    const { body } = read({ vkey });
    // What the peer signed while its key was registered stays good when the answer comes late; nothing else does.
    const [past, future] = ['2000-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z'];
    const other = createLedgerKey(origin);
    read({ vkey, exp: future }, { vkey: other.vkey, nbf: past });
    for (const keys of [[{ vkey, exp: past }], [{ vkey, nbf: future }], [other]])
      assert.throws(() => read(...keys), { code: 'exchange.response-invalid' });
    assert.deepEqual(body['result'], { seen: 'hello' });
    const entry = (await gateway.entries()).find((one) => one.mid === mid);
    assert.equal(entry?.kind, 'message.accepted');
    assert.equal(entry.grant, 'grant-industry');
    assert.equal(entry.token, sha256Hex(received.token));
    assert.deepEqual(entry.counter, ofr);
  });

  it('accepts a message that names no offer, and says so by an entry without a counter', async () => {
    const received = await arrival({}, { ofr: null });
    await inbox.receive(received);
    const entry = (await gateway.entries()).find((one) => one.mid === received.claims.mid);
    assert.deepEqual([entry?.kind, entry?.counter], ['message.accepted', undefined]);
  });

  it('answers a retry with the same bytes and no second effect', async () => {
    const received = await arrival();
    const first = await inbox.receive(received);
    const again = await inbox.receive({ ...received, token: 'another token' });
    assert.deepEqual(again.body, first.body);
    assert.deepEqual(again.receipt, first.receipt);
    assert.equal(again.replayed, true);
    assert.equal((await gateway.entries()).filter((one) => one.mid === received.claims.mid).length, 1);
  });

  it('gives 20 simultaneous attempts one effect and one answer', async () => {
    const received = await arrival();
    const answers = await Promise.all(Array.from({ length: 20 }, () => inbox.receive(received)));
    assert.equal(new Set(answers.map((answer) => answer.body.toString())).size, 1);
    assert.equal(answers.filter((answer) => !answer.replayed).length, 1);
    assert.deepEqual(await rowsOf(received.claims.mid), { inbox: 1, business: 1 });
  });

  describe('of messages that share a transaction', () => {
    let transactions: string[][];
    let refused: string | undefined;
    let together: MessageReceiver;
    const insert = `INSERT INTO token_id (issuer, jti, exp) VALUES ('group', $1, 0)`;

    beforeEach(() => {
      transactions = [];
      refused = undefined;
      const accept = async (tx: Queryable, messages: readonly InboundMessage[]): Promise<Acceptance[]> => {
        transactions.push(messages.map(({ mid }) => mid));
        for (const { mid } of messages) await tx.query(insert, [mid]);
        if (messages.some(({ mid }) => mid === refused)) throw new GatewayError('feature.invalid', 'refused');
        return messages.map(({ content, mid }) => ({
          subject: { type: 'note', id: content.id },
          result: { mid },
        }));
      };
      const grouping: InboxHandlers = {
        'test-note': {
          right: 'push',
          personal: () => false,
          accept: async (tx, message) => (await accept(tx, [message]))[0] as Acceptance,
          acceptTogether: accept,
        },
      };
      together = createInbox({ ...deps(), handlers: grouping });
    });

    const written = async (): Promise<Set<string>> => {
      const { rows } = await gateway.world.database.query<{ jti: string }>(
        `SELECT jti FROM token_id WHERE issuer = 'group'`,
      );
      return new Set(rows.map(({ jti }) => jti));
    };

    it('accepts the ones that wait with one transaction, in their order, each with its own result', async () => {
      const messages = await Promise.all(Array.from({ length: 12 }, () => arrival()));
      const answers = await Promise.all(messages.map((one) => together.receive(one)));
      assert.ok(transactions.length <= 6, `${transactions.length} transactions for 12 messages`);
      const answered = (body: Buffer) =>
        JSON.parse(body.toString('utf8')) as {
          readonly id: string;
          readonly result: { readonly mid: string };
        };
      assert.deepEqual(
        answers.map(({ body }) => answered(body).result.mid),
        messages.map(({ claims }) => claims.mid),
      );
      const order = [...answers].sort((a, b) => a.receipt.index - b.receipt.index);
      assert.deepEqual(
        order.map(({ body }) => answered(body).id),
        transactions.flat(),
      );
    });

    it('refuses the one that is bad, keeps nothing of it and accepts its neighbours', async () => {
      const messages = await Promise.all(Array.from({ length: 8 }, () => arrival()));
      const bad = messages[5]!.claims.mid;
      refused = bad;
      const outcomes = await Promise.allSettled(messages.map((one) => together.receive(one)));
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        messages.map(({ claims }) => (claims.mid === bad ? 'rejected' : 'fulfilled')),
      );
      const rows = await written();
      for (const { claims } of messages) assert.equal(rows.has(claims.mid), claims.mid !== bad);
      refused = undefined;
      assert.equal((await together.receive(messages[5]!)).status, 200);
    });

    it('gives one message that comes twice at once one effect', async () => {
      const [one, other] = await Promise.all([arrival(), arrival()]);
      const answers = await Promise.all([one, other, one, one].map((message) => together.receive(message)));
      assert.deepEqual(
        answers.map(({ receipt }) => receipt.index === answers[0]!.receipt.index),
        [true, false, true, true],
      );
      assert.ok((await written()).has(other.claims.mid));
    });
  });

  it('refuses other content under the same id', async () => {
    const received = await arrival();
    await inbox.receive(received);
    const other = await arrival({ body: { text: 'other' } }, { mid: received.claims.mid });
    await assert.rejects(inbox.receive(other), { code: 'exchange.id-conflict' });
    await assert.rejects(inbox.receive({ ...received, bodySha256: 'f'.repeat(64), body: 'nonsense' }), {
      code: 'exchange.id-conflict',
    });
  });

  it('leaves nothing behind when the handler refuses after writing', async () => {
    failing = true;
    await refuses(await arrival(), 'feature.invalid');
    assert.deepEqual(settled, []);
  });

  it('refuses what the token and the envelope say differently', async () => {
    await refuses(await arrival({}, { grp: 'group-alliance' }), 'envelope.invalid');
    await refuses(await arrival({}, { pur: 'OTHER' }), 'envelope.invalid');
    await refuses(await arrival({}, { sch: '-' }), 'envelope.invalid');
    const origin = alliance.members.r.ledger.origin;
    const foreign = { origin, index: 0, leaf: 'a'.repeat(64), size: 1, root: 'a'.repeat(64) };
    await refuses(await arrival({}, { ofr: foreign }), 'token.claims-refused');
  });

  it("refuses another member's envelope and an altered one", async () => {
    await refuses(await arrival({ from: alliance.members.b }), 'envelope.issuer-mismatch');
    const received = await arrival();
    const other = await arrival();
    const mixed = {
      ...(received.body as JsonObject),
      signature: (other.body as JsonObject)['signature'] ?? '',
    };
    await refuses({ ...received, body: mixed }, 'envelope.signature-invalid');
    await refuses({ ...received, body: { ...(received.body as JsonObject), beside: 1 } }, 'schema.invalid');
  });

  it('refuses an envelope sealed before its key was valid, or under a registry nobody knows', async () => {
    await refuses(
      await arrival({ change: { createdAt: '2020-01-01T00:00:00.000Z' } }),
      'envelope.signature-invalid',
    );
    const registry = { serial: 1, sha256: 'a'.repeat(64) };
    await refuses(await arrival({ change: { registry } }), 'envelope.invalid');
    await refuses(
      await arrival({ change: { registry: { ...registry, serial: 9 } } }),
      'token.registry-unknown',
    );
  });

  it('refuses content that breaks its schema, and schemas that are unregistered or of another kind', async () => {
    await refuses(await arrival({ body: { text: 1 } }), 'schema.invalid');
    const schema = { id: NOTE_SCHEMA, sha256: 'a'.repeat(64) };
    await refuses(await arrival({ change: { schema } }), 'schema.unknown');
    await refuses(await arrival({ change: { kind: 'feature-batch' } }), 'envelope.invalid');
    const registryKind = {
      id: 'urn:lianzheng:schema:registry:1.0.0',
      sha256: alliance.schemas.digest('urn:lianzheng:schema:registry:1.0.0'),
    };
    const body = alliance.body as unknown as JsonObject;
    await refuses(
      await arrival({ change: { kind: 'registry', schema: registryKind }, body }),
      'exchange.kind-unknown',
    );
  });

  it('refuses without a grant, and personal values in an ALLIANCE group with one', async () => {
    await refuses(await arrival({ group: 'group-reg' }), 'grant.refused');
    await refuses(await arrival({ change: { purpose: 'MARKETING' } }), 'grant.refused');
    const personal = { group: 'group-alliance', body: { text: 'personal' } };
    await refuses(await arrival(personal), 'grant.personal-in-alliance');
    const disclosure = { ...newDisclosure('13900000000') };
    assert.ok(commit(disclosure));
    await refuses(await arrival({ group: 'group-alliance' }, {}, [disclosure]), 'grant.personal-in-alliance');
  });

  it('keeps disclosures out of the stored envelope and the token out of a personal entry', async () => {
    const disclosure = { ...newDisclosure('13900000000') };
    const received = await arrival({ body: { text: 'personal' } }, {}, [disclosure]);
    await inbox.receive(received);
    const { rows } = await gateway.world.database.query<{ envelope: string }>(
      'SELECT envelope FROM inbox WHERE mid = $1',
      [received.claims.mid],
    );
    assert.deepEqual(Object.keys(JSON.parse(rows[0]?.envelope ?? '{}') as object).sort(), [
      'payload',
      'protected',
      'signature',
    ]);
    const entry = (await gateway.entries()).find((one) => one.mid === received.claims.mid);
    assert.equal(entry?.token, undefined);
  });

  it('tells a peer the state of its own messages only, and logs that', async () => {
    const received = await arrival();
    const { receipt } = await inbox.receive(received);
    const answerStatus = createStatusAnswerer(deps());
    const { mid } = received.claims;
    const unknown = newId();
    const mine = await answerStatus([mid, unknown], 'bank-a');
    assert.deepEqual(mine['results'], [
      { id: mid, state: 'accepted', receipt },
      { id: unknown, state: 'unknown' },
    ]);
    const others = await answerStatus([mid], 'regulator-r');
    assert.deepEqual(others['results'], [{ id: mid, state: 'unknown' }]);
    assert.equal((await gateway.entries()).filter((one) => one.kind === 'status.answered').length, 2);
  });
});
