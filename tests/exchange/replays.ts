/** Tokens and Exchange-Ids that were used before, one after the other and all at once. */
import assert from 'node:assert/strict';
import { newId, newNonce } from '../../src/core/ids.ts';
import type { EnvelopeContent } from '../../src/wire/envelope.ts';
import { forge, plainFeature, type Change, type Forged } from './forge.ts';
import { assertLedgerVerifies, assertProblem, assertSameBusiness, entriesFrom, snapshot } from './oracle.ts';
import { assertRefused, assertSigned } from './refusal.ts';
import { send, type Answer } from './send.ts';
import type { WireWorld } from './wire-world.ts';

const COPIES = 50;
const SINGLY = 20;

export function describeReplays(world: () => WireWorld): void {
  describe('what was used before', () => {
    async function accepted(forged: Forged): Promise<Answer> {
      const answer = await send(world(), forged);
      assert.equal(answer.status, 200, answer.body.toString());
      return answer;
    }
    const inboxRows = async (...mids: string[]): Promise<number> => {
      const text = 'SELECT count(*)::int AS n FROM inbox WHERE mid = ANY ($1::uuid[])';
      return (await world().receiver.database.query<{ n: number }>(text, [mids])).rows[0]?.n ?? -1;
    };
    /** The same message in several attempts: body and mid stay, the token is fresh. */
    async function attempts(count: number, change: Change = {}): Promise<readonly Forged[]> {
      const [mid, content] = [newId(), fixedContent(world())];
      const all = Array.from({ length: count }, () => forge(world(), { mid, content, ...change }));
      return Promise.all(all);
    }

    it('the same request again: signed token.replayed', async () => {
      const forged = await forge(world());
      await accepted(forged);
      await assertRefused(world(), { code: 'token.replayed', signed: true }, forged);
    });

    it('a used jti in a new token for new content: signed token.replayed', async () => {
      const jti = newNonce();
      await accepted(await forge(world(), { claims: { jti } }));
      const again = await forge(world(), { claims: { jti } });
      await assertRefused(world(), { code: 'token.replayed', signed: true }, again);
      assert.equal(await inboxRows(again.mid), 0);
    });

    it('a token that was refused for its body cannot carry a better one', async () => {
      const forged = await forge(world());
      const spoilt = { ...forged, wire: Buffer.alloc(forged.wire.length, 0x20) };
      await assertRefused(world(), { code: 'exchange.digest-mismatch', signed: true }, spoilt);
      await assertRefused(world(), { code: 'token.replayed', signed: true }, forged);
    });

    it(`${COPIES} copies at once: one is accepted, ${SINGLY} refusals are logged singly and the rest as one sum`, async () => {
      const { receiver, exportDirectory, nextMinute } = world();
      nextMinute();
      const forged = await forge(world());
      const before = await snapshot(receiver);
      const answers = await Promise.all(Array.from({ length: COPIES }, () => send(world(), forged)));
      const good = answers.filter(({ status }) => status === 200);
      assert.equal(good.length, 1);
      const refused = answers.filter(({ status }) => status !== 200);
      const receipts = refused.map(async (answer) => {
        assertProblem(answer, 'token.replayed');
        return (await assertSigned(world(), forged, answer)).rcpt;
      });
      const logged = (await Promise.all(receipts)).filter((receipt) => receipt !== null);
      assert.equal(logged.length, SINGLY);

      assert.equal(await inboxRows(forged.mid), 1);
      const kinds = (await entriesFrom(receiver, before.ledgerSize)).map(({ kind }) => kind).sort();
      const singly = Array.from({ length: SINGLY }, () => 'exchange.refused');
      assert.deepEqual(kinds, [...singly, 'message.accepted']);
      assert.equal(new Set(logged.map((receipt) => receipt?.index)).size, SINGLY);
      nextMinute();
      await assertLedgerVerifies(receiver, exportDirectory);
    });

    it('the same message under a fresh token: the same bytes again, replayed, and no second effect', async () => {
      const [first, second] = (await attempts(2)) as [Forged, Forged];
      const answer = await accepted(first);
      const before = await snapshot(world().receiver);
      const again = await accepted(second);
      const after = await snapshot(world().receiver);
      assert.deepEqual(again.body, answer.body);
      assert.notEqual(again.headers['exchange-token'], answer.headers['exchange-token']);
      const [one, two] = [
        await assertSigned(world(), first, answer),
        await assertSigned(world(), second, again),
      ];
      assert.deepEqual([one.rpl, two.rpl], [false, true]);
      assert.deepEqual(two.rcpt, one.rcpt);
      assertSameBusiness(before, after);
      assert.equal(after.ledgerSize, before.ledgerSize);
    });

    it('20 attempts of one message at once: one effect, one entry, one answer', async () => {
      const { receiver } = world();
      const all = await attempts(20);
      const before = await snapshot(receiver);
      const answers = await Promise.all(all.map(accepted));
      assert.equal(new Set(answers.map(({ body }) => body.toString())).size, 1);
      const claims = await Promise.all(answers.map((answer, at) => assertSigned(world(), all[at]!, answer)));
      assert.equal(claims.filter(({ rpl }) => !rpl).length, 1);
      assert.equal(await inboxRows(all[0]!.mid), 1);
      const entries = await entriesFrom(receiver, before.ledgerSize);
      assert.deepEqual(
        entries.map(({ kind }) => kind),
        ['message.accepted'],
      );
    });

    it('the same mid for other content: signed 409 exchange.id-conflict, and the first answer stands', async () => {
      const [first, retry] = (await attempts(2)) as [Forged, Forged];
      const answer = await accepted(first);
      const other = await forge(world(), { mid: first.mid });
      await assertRefused(world(), { code: 'exchange.id-conflict', signed: true }, other);
      assert.deepEqual((await accepted(retry)).body, answer.body);
    });

    it('the same mid for content that is wrong besides: still exchange.id-conflict', async () => {
      const first = await forge(world());
      await accepted(first);
      const other = await forge(world(), { mid: first.mid, content: { purpose: 'MARKETING' } });
      await assertRefused(world(), { code: 'exchange.id-conflict', signed: true }, other);
    });

    it('ten contents under one mid at once: one is accepted, nine conflict', async () => {
      const mid = newId();
      const all = await Promise.all(Array.from({ length: 10 }, () => forge(world(), { mid })));
      const answers = await Promise.all(all.map((forged) => send(world(), forged)));
      const refused = answers.filter(({ status }) => status !== 200);
      assert.equal(refused.length, 9);
      for (const answer of refused) assertProblem(answer, 'exchange.id-conflict');
      assert.equal(await inboxRows(mid), 1);
      await assertLedgerVerifies(world().receiver, world().exportDirectory);
    });

    it('the same envelope under another mid: signed exchange.id-conflict', async () => {
      const content = fixedContent(world());
      await accepted(await forge(world(), { content }));
      const again = await forge(world(), { content });
      await assertRefused(world(), { code: 'exchange.id-conflict', signed: true }, again);
    });

    it('a mid whose first attempt was refused is free for a better one', async () => {
      const mid = newId();
      const bad = await forge(world(), { mid, content: { purpose: 'MARKETING' } });
      await assertRefused(world(), { code: 'grant.refused', signed: true }, bad);
      await accepted(await forge(world(), { mid }));
    });
  });
}

function fixedContent(world: WireWorld): Partial<EnvelopeContent> {
  return {
    id: newId(),
    createdAt: world.clock().toISOString(),
    body: { features: [plainFeature(world)] },
  };
}
