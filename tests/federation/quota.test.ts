import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '../../src/core/digest.ts';
import { isGatewayError } from '../../src/core/errors.ts';
import { newId, newNonce } from '../../src/core/ids.ts';
import type { JsonValue } from '../../src/core/canonical.ts';
import { opensAt } from '../../src/federation/grants/quota-day.ts';
import { countAct, usedToday } from '../../src/federation/grants/quota-store.ts';
import {
  createInbox,
  type InboxDeps,
  type InboxHandlers,
  type MessageReceiver,
  type ReceivedMessage,
} from '../../src/federation/inbox.ts';
import type { Grant } from '../../src/federation/registry/registry-types.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { readLedgerKey } from '../../src/ledger/notes/note.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { fakeThumbprint, sealedNote, testAlliance, type TestAlliance } from './alliance.ts';
import { openGateway, type Gateway } from './gateway.ts';

const PER_DAY = 7;

describe('quota', () => {
  let alliance: TestAlliance;
  let gateway: Gateway;
  let now: Date;

  const withQuota = (grants: readonly Grant[]): readonly Grant[] => [
    ...grants.map((grant) =>
      grant.id === 'grant-industry' ? { ...grant, quota: { perDay: PER_DAY } } : grant,
    ),
    // A second grant for another purpose alone, so that a spent quota is shown to spend no other.
    ...grants
      .filter(({ id }) => id === 'grant-industry')
      .map((grant) => ({ ...grant, id: 'grant-other', purposes: ['OTHER'], quota: { perDay: 2 } })),
  ];

  before(async () => {
    alliance = await testAlliance(({ grants }) => ({ grants: [...withQuota(grants)] }));
  });
  beforeEach(async () => {
    now = new Date();
    gateway = await openGateway(alliance, alliance.members.b);
  });
  afterEach(() => gateway.close());

  const handlers: InboxHandlers = {
    'test-note': {
      right: 'push',
      personal: () => false,
      accept: async (tx, { content, mid }) => {
        await tx.query(`INSERT INTO token_id (issuer, jti, exp) VALUES ('quota', $1, 0)`, [mid]);
        return { subject: { type: 'note', id: content.id } };
      },
    },
  };

  const inboxOn = (database: Database, ledger: InboxDeps['ledger'] = gateway.ledger): MessageReceiver =>
    createInbox({
      member: 'bank-b',
      database,
      ledger,
      registry: gateway.registry,
      schemas: alliance.schemas,
      clock: () => now,
      handlers,
    });

  async function arrival(purpose = 'RISK_PREVENTION'): Promise<ReceivedMessage> {
    const { content, sealed } = await sealedNote(alliance, {
      from: alliance.members.a,
      change: { purpose },
    });
    const at = Math.floor(now.getTime() / 1000);
    return {
      from: 'bank-a',
      claims: {
        iss: 'bank-a',
        aud: 'bank-b',
        grp: content.group,
        pur: content.purpose,
        iat: at,
        nbf: at,
        exp: at + 60,
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
        ofr: null,
      },
      token: `token-${newNonce()}`,
      body: sealed as unknown as JsonValue,
      bodySha256: sha256Hex(JSON.stringify(sealed)),
    };
  }

  const effects = async (): Promise<number> => {
    const { rows } = await gateway.world.database.query<{ n: number }>(
      `SELECT count(*) AS n FROM token_id WHERE issuer = 'quota'`,
    );
    return rows[0]?.n ?? -1;
  };
  const used = (): Promise<ReadonlyMap<string, number>> =>
    usedToday(gateway.world.database, { member: 'bank-a', grants: ['grant-industry', 'grant-other'], now });

  async function ledgerVerifies(): Promise<void> {
    const directory = mkdtempSync(join(tmpdir(), 'lz-quota-'));
    await exportLedger(databaseSource(gateway.world.database), directory);
    const { origin, vkey } = alliance.members.b.ledger;
    const report = await verifyLedgers([directory], {
      ledgers: [{ member: 'bank-b', origin, vkeys: [{ vkey }] }],
      registryDigests: new Map([[alliance.view.serial, alliance.view.sha256]]),
    });
    assert.ok(
      report.ledgers.every(({ failures }) => failures.length === 0),
      JSON.stringify(report.ledgers),
    );
  }

  it('is exact under parallel requests of two processes', async () => {
    const other = openDatabase({ url: gateway.world.url });
    const { id, ledger: log } = gateway.member;
    const follower = await openLedger({
      database: other,
      member: id,
      origin: log.origin,
      key: readLedgerKey(log.privateKey),
      clock: () => now,
      sequencer: false,
    });
    try {
      const inboxes = [inboxOn(gateway.world.database), inboxOn(other, follower)];
      const messages = await Promise.all(Array.from({ length: 40 }, () => arrival()));
      const outcomes = await Promise.allSettled(
        messages.map((message, at) => inboxes[at % 2]!.receive(message)),
      );
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, PER_DAY);
      const codes = outcomes.flatMap((one) =>
        one.status === 'rejected' && isGatewayError(one.reason) ? [one.reason.code] : [],
      );
      assert.deepEqual(new Set(codes), new Set(['grant.quota-exceeded']));
      assert.equal(await effects(), PER_DAY);
      assert.deepEqual([...(await used())], [['grant-industry', PER_DAY]]);
    } finally {
      await follower.close();
      await other.close();
    }
    await ledgerVerifies();
  });

  it('counts a retry of the same id once, and answers it when the quota is used up', async () => {
    const inbox = inboxOn(gateway.world.database);
    const first = await arrival();
    const answer = await inbox.receive(first);
    for (let again = 0; again < 3; again += 1) {
      const retried = await inbox.receive({ ...first, token: `token-${newNonce()}` });
      assert.deepEqual([retried.replayed, retried.body], [true, answer.body]);
    }
    await Promise.all(Array.from({ length: 5 }, () => inbox.receive({ ...first })));
    assert.equal((await used()).get('grant-industry'), 1);
    for (let left = PER_DAY - 1; left > 0; left -= 1) await inbox.receive(await arrival());
    await assert.rejects(inbox.receive(await arrival()), { code: 'grant.quota-exceeded', status: 429 });
    assert.equal((await inbox.receive(first)).replayed, true);
    assert.equal((await used()).get('grant-industry'), PER_DAY);
  });

  it('says when it opens again, and opens then', async () => {
    const inbox = inboxOn(gateway.world.database);
    for (let left = PER_DAY; left > 0; left -= 1) await inbox.receive(await arrival());
    const late = await arrival();
    const error: unknown = await inbox.receive(late).catch((cause: unknown) => cause);
    assert.ok(isGatewayError(error), 'the eighth message must be refused');
    const opens = opensAt(now);
    assert.equal(error.facts['opensAt'], opens.toISOString());
    assert.equal(error.facts['grant'], 'grant-industry');
    const wait = Number(error.facts['retryAfterSeconds']);
    assert.ok(wait >= (opens.getTime() - now.getTime()) / 1000, `${wait} s is before ${opens.toISOString()}`);
    now = new Date(opens.getTime() - 1);
    await assert.rejects(inbox.receive(late), { code: 'grant.quota-exceeded' });
    now = opens;
    assert.equal((await inbox.receive(late)).status, 200);
    assert.equal((await used()).get('grant-industry'), 1);
  });

  it('spends no other quota, and counts nothing that is refused after it', async () => {
    const inbox = inboxOn(gateway.world.database);
    await inbox.receive(await arrival('OTHER'));
    assert.deepEqual([...(await used())], [['grant-other', 1]]);
    const failing = createInbox({
      ...{ member: 'bank-b', database: gateway.world.database, ledger: gateway.ledger },
      ...{ registry: gateway.registry, schemas: alliance.schemas, clock: () => now },
      handlers: { 'test-note': { ...handlers['test-note']!, accept: () => Promise.reject(new Error('no')) } },
    });
    await assert.rejects(failing.receive(await arrival()));
    assert.equal((await used()).get('grant-industry'), undefined);
  });

  it('counts under the next grant that permits when the first is used up', async () => {
    const quotas = [
      { grant: 'first', perDay: 1 },
      { grant: 'second', perDay: 2 },
    ];
    const count = (amount = 1): Promise<string> =>
      gateway.world.database.transaction((tx) => countAct(tx, { member: 'bank-b', quotas, now, amount }));
    assert.deepEqual([await count(), await count(), await count()], ['first', 'second', 'second']);
    await assert.rejects(count(), { code: 'grant.quota-exceeded' });
    const hopeless: unknown = await count(3).catch((cause: unknown) => cause);
    assert.ok(isGatewayError(hopeless, 'grant.quota-exceeded'), 'three at once never fit');
    assert.equal(hopeless.facts['retryAfterSeconds'], undefined);
  });

  it('costs no statement where the grant has none', async () => {
    const { database } = gateway.world;
    const statements: string[] = [];
    const counting: InboxDeps['ledger'] = {
      settle: (key) => gateway.ledger.settle(key),
      transact: (work, options) =>
        gateway.ledger.transact(
          (tx) =>
            work({
              query: (text, values) => (statements.push(text), tx.query(text, values)),
              last: (statement) => (statements.push(statement.text), tx.last(statement)),
            }),
          options,
        ),
    };
    const { content, sealed } = await sealedNote(alliance, {
      from: alliance.members.a,
      group: 'group-alliance',
    });
    const received = await arrival();
    await inboxOn(database, counting).receive({
      ...received,
      claims: { ...received.claims, grp: content.group },
      body: sealed as unknown as JsonValue,
      bodySha256: sha256Hex(JSON.stringify(sealed)),
    });
    assert.equal(statements.length, 2, statements.join('\n'));
    assert.ok(!statements.some((text) => text.includes('grant_use')));
    await inboxOn(database, counting).receive(await arrival());
    assert.equal(statements.length, 5, 'one more statement with a quota');
  });
});
