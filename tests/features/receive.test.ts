import assert from 'node:assert/strict';
import type { JsonObject } from '../../src/core/canonical.ts';
import { newId } from '../../src/core/ids.ts';
import { acceptanceKey } from '../../src/federation/messages/accept-messages.ts';
import { disclosedOf } from '../../src/features/disclosures-store.ts';
import { inboundKey } from '../../src/features/inbound-key.ts';
import { countFeatures, listFeatures } from '../../src/features/list.ts';
import { insertBatch } from '../../src/features/feature-store.ts';
import { lookupOf } from '../../src/features/lookup.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { screen } from '../../src/features/screen.ts';
import type { RequestClaims } from '../../src/wire/exchange-token.ts';
import { commit, newDisclosure } from '../../src/wire/disclosure.ts';
import {
  createGateways,
  deliver,
  deliverForged,
  INDUSTRY,
  PURPOSE,
  SHARING,
  withRegistry,
  type Gateway,
} from './gateways.ts';

const AT = '2026-03-01T00:00:00.000Z';

function signed(more: JsonObject): JsonObject {
  return { id: newId(), confidence: 50, firstSeen: AT, lastSeen: AT, tlp: 'amber', grade: 2, ...more };
}

describe('receiving a batch', () => {
  let bank: Gateway;
  let insurer: Gateway;
  let third: Gateway;
  const all = async (gateway: Gateway) =>
    (await listFeatures(gateway.deps, { group: INDUSTRY, limit: 1000 })).features;
  const forge = (features: readonly JsonObject[], disclosures?: { salt: string; value: string }[]) =>
    deliverForged(bank, insurer, { features, ...(disclosures === undefined ? {} : { disclosures }) });

  before(async () => {
    [bank, insurer, third] = (await createGateways(3)) as [Gateway, Gateway, Gateway];
  });
  after(() => Promise.all([bank, insurer, third].map((gateway) => gateway.close())));

  /** What the last push of `from` put on its way, as delivery sends it. */
  async function pass(from: Gateway, to: Gateway): Promise<JsonObject> {
    const { content, sealed } = from.sent.at(-1)!;
    const { disclosures } = await disclosedOf(from.deps.database, from.deps.member, content.id);
    return deliver(to, content, disclosures.length === 0 ? sealed : { ...sealed, disclosures });
  }

  it('holds what was pushed elsewhere, values of personal types included', async () => {
    const lines = [
      { type: 'domain', value: 'spread.example.com', confidence: 70, context: { offences: ['CL-193'] } },
      { type: 'phone', value: '15400000003', validUntil: '2030-01-01T00:00:00+08:00' },
    ];
    await pushFeatures(bank.deps, { ...SHARING, lines });
    const answer = await pass(bank, insurer);
    assert.deepEqual(answer['result'], { accepted: 2, duplicates: 0 });
    const here = await all(insurer);
    const there = await all(bank);
    const facts = (feature: (typeof here)[number]) => ({ ...feature, receivedAt: '' });
    assert.deepEqual(here.map(facts), there.map(facts));
    assert.equal(here[1]?.value, '+8615400000003');
    assert.equal(here[1]?.validUntil, '2029-12-31T16:00:00.000Z');
  });

  it('logs a personal batch by commitments only', async () => {
    const { rows } = await insurer.deps.database.query<{ body: string }>(
      'SELECT body FROM ledger_entry ORDER BY seq DESC LIMIT 1',
    );
    const entry = JSON.parse(rows[0]!.body);
    assert.equal(entry.kind, 'message.accepted');
    assert.equal(entry.commitments.count, 1);
    assert.equal(entry.subject.sha256, undefined);
    assert.equal(entry.token, undefined);
    assert.equal(entry.commitments.root, bank.sent.at(-1)!.commitments!.root);
  });

  it('takes another member’s value as a sighting of the feature that is there', async () => {
    await pushFeatures(third.deps, { ...SHARING, lines: [{ type: 'domain', value: 'spread.example.com' }] });
    const answer = await pass(third, insurer);
    assert.deepEqual(answer['result'], { accepted: 0, duplicates: 1 });
    assert.equal((await countFeatures(insurer.deps, INDUSTRY)).sightings, 1);
  });

  it('gives the same answer to a repeated message and stores nothing twice', async () => {
    await pushFeatures(bank.deps, { ...SHARING, lines: [{ type: 'domain', value: 'repeat.example.com' }] });
    const { content, sealed } = bank.sent.at(-1)!;
    const mid = newId();
    const first = await deliver(insurer, content, sealed, mid);
    const before = await countFeatures(insurer.deps, INDUSTRY);
    assert.deepEqual(await deliver(insurer, content, sealed, mid), first);
    assert.deepEqual(await countFeatures(insurer.deps, INDUSTRY), before);
  });

  it('takes batches that arrive at once, the same new value in several of them included', async () => {
    const sent: (typeof bank.sent)[number][] = [];
    for (let i = 0; i < 6; i += 1) {
      const lines = [
        { type: 'domain', value: 'common.example.com' },
        { type: 'domain', value: `own-${i}.example.com` },
        ...(i % 2 === 0 ? [{ type: 'phone', value: `1540000001${i}` }] : []),
      ];
      await pushFeatures(bank.deps, { ...SHARING, lines });
      sent.push(bank.sent.at(-1)!);
    }
    const before = await countFeatures(insurer.deps, INDUSTRY);
    const answers = await Promise.all(
      sent.map(async ({ content, sealed }) => {
        const { disclosures } = await disclosedOf(bank.deps.database, bank.deps.member, content.id);
        return deliver(insurer, content, disclosures.length === 0 ? sealed : { ...sealed, disclosures });
      }),
    );
    const results = answers.map(({ result }) => result as { accepted: number; duplicates: number });
    const sum = (name: 'accepted' | 'duplicates') => results.reduce((total, one) => total + one[name], 0);
    // The sender holds the value once already, hence it may send it as a sighting: 6 own, 3 phones, 1 common.
    assert.equal(sum('accepted'), 10);
    assert.equal(sum('duplicates'), 5);
    const after = await countFeatures(insurer.deps, INDUSTRY);
    assert.equal(after.sightings - before.sightings, 5);
    const phones = (await all(insurer)).filter(({ value }) => value?.startsWith('+861540000001'));
    assert.deepEqual(phones.map(({ value }) => value).sort(), [
      '+8615400000010',
      '+8615400000012',
      '+8615400000014',
    ]);
  });

  it('refuses one envelope under two message ids', async () => {
    const { content, sealed } = bank.sent.at(-1)!;
    await assert.rejects(deliver(insurer, content, sealed), { code: 'exchange.id-conflict' });
  });

  it('refuses the whole batch for one bad feature and keeps nothing of it', async () => {
    const before = await countFeatures(insurer.deps, INDUSTRY);
    const good = signed({ type: 'domain', value: 'good.example.com' });
    const phone = newDisclosure('15400000004');
    const bad: readonly (readonly [string, JsonObject, { salt: string; value: string }[]?])[] = [
      ['a value that is not in normal form', signed({ type: 'domain', value: 'Bad.example.com' })],
      ['a value that is no domain', signed({ type: 'domain', value: 'bad' })],
      [
        'a disclosed value that is not in normal form',
        signed({ type: 'phone', commitment: commit(phone) }),
        [phone],
      ],
      [
        'a day that is not',
        signed({ type: 'domain', value: 'x.example.com', lastSeen: '2026-02-30T00:00:00.000Z' }),
      ],
      [
        'a year before PostgreSQL',
        signed({ type: 'domain', value: 'x.example.com', firstSeen: '0000-01-01T00:00:00.000Z' }),
      ],
      [
        'a sighting in the future',
        signed({ type: 'domain', value: 'x.example.com', lastSeen: '2999-01-01T00:00:00.000Z' }),
      ],
    ];
    for (const [what, feature, disclosures] of bad) {
      await assert.rejects(
        forge([good, feature], disclosures),
        { code: 'feature.invalid', facts: { feature: 1 } },
        what,
      );
    }
    assert.deepEqual(await countFeatures(insurer.deps, INDUSTRY), before);
  });

  it('refuses personal values in signed bytes and commitments of what is not personal', async () => {
    const commitment = commit(newDisclosure('x'));
    for (const feature of [
      signed({ type: 'phone', value: '+8615400000005' }),
      signed({ type: 'domain', commitment }),
      signed({ type: 'phone', commitment, value: '+8615400000005' }),
      signed({ type: 'phone' }),
    ]) {
      await assert.rejects(forge([feature]), { code: 'schema.invalid' });
    }
  });

  it('demands exactly one disclosure for each commitment', async () => {
    const one = newDisclosure('+8615400000006');
    const other = newDisclosure('+8615400000007');
    const features = [signed({ type: 'phone', commitment: commit(one) })];
    for (const disclosures of [
      undefined,
      [other],
      [one, other],
      [one, one],
      [{ ...one, value: other.value }],
    ]) {
      await assert.rejects(forge(features, disclosures), { code: 'envelope.disclosure-invalid' });
    }
    assert.deepEqual((await forge(features, [one]))['result'], { accepted: 1, duplicates: 0 });
  });

  it('refuses a feature id that the issuer used before, and lets another member use it', async () => {
    const id = newId();
    await forge([signed({ id, type: 'domain', value: 'id-1.example.com' })]);
    await assert.rejects(forge([signed({ id, type: 'domain', value: 'id-2.example.com' })]), {
      code: 'feature.invalid',
    });
    const answer = await deliverForged(third, insurer, {
      features: [signed({ id, type: 'domain', value: 'id-3.example.com' })],
    });
    assert.deepEqual(answer['result'], { accepted: 1, duplicates: 0 });
  });

  it('refuses a grade above the sender’s grant', async () => {
    await assert.rejects(forge([signed({ type: 'domain', value: 'grade.example.com', grade: 4 })]), {
      code: 'grant.refused',
    });
  });

  it('refuses personal values when the group turns commercial', async () => {
    const view = insurer.settings.view;
    const groups = view.body.groups.map((group) => ({ ...group, compartment: 'ALLIANCE' as const }));
    insurer.settings.view = withRegistry(view, { groups });
    const one = newDisclosure('+8615400000008');
    const refused = forge([signed({ type: 'phone', commitment: commit(one) })], [one]);
    await assert.rejects(refused, { code: 'grant.personal-in-alliance' });
    insurer.settings.view = view;
  });

  it('shows nothing whose ledger entry is not durable', async () => {
    const before = await all(insurer);
    const key = inboundKey({ from: 'bank-a', mid: newId() });
    await insurer.deps.database.transaction((tx) =>
      insertBatch(tx, {
        ...{ id: newId(), issuer: 'bank-a', group: INDUSTRY, purpose: 'P', createdAt: AT, ledgerKey: key },
        receivedAt: new Date(),
        items: [
          {
            signed: signed({
              type: 'domain',
              value: 'limbo.example.com',
              confidence: 99,
              lastSeen: new Date().toISOString(),
            }) as never,
            detail: '',
            lookup: lookupOf(insurer.deps.indexKey, 'domain', 'limbo.example.com'),
          },
        ],
      }),
    );
    assert.deepEqual(await all(insurer), before);
    const subjects = [{ ref: 'a', features: [{ type: 'domain', value: 'limbo.example.com' }] }];
    const request = { group: INDUSTRY, purpose: PURPOSE, caseRef: 'x', actor: 'clerk', subjects };
    assert.equal((await screen(insurer.deps, request)).results[0]?.outcome, 'pass');
  });

  it('computes the ledger key of an inbound message as the inbox does', () => {
    const mid = newId();
    const claims = { mid } as RequestClaims;
    assert.deepEqual(inboundKey({ from: 'bank-a', mid }), acceptanceKey({ from: 'bank-a', claims }));
  });
});
