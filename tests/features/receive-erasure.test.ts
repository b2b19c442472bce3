import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../src/core/canonical.ts';
import { newId } from '../../src/core/ids.ts';
import { disclosedOf } from '../../src/features/disclosures-store.ts';
import { destroySubject } from '../../src/features/erasure/destroy-store.ts';
import { erase } from '../../src/features/erasure/erase.ts';
import { listErasures, type ErasureRecord } from '../../src/features/erasure/list-erasures.ts';
import { takeErasureTurn } from '../../src/features/erasure/turns-store.ts';
import type { SignedFeature } from '../../src/features/feature.ts';
import { insertBatch } from '../../src/features/feature-store.ts';
import { countFeatures, listFeatures } from '../../src/features/list.ts';
import { lookupOf } from '../../src/features/lookup.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { screen } from '../../src/features/screen.ts';
import { commit, newDisclosure } from '../../src/wire/disclosure.ts';
import { sealEnvelope, type EnvelopeContent, type MessageBody } from '../../src/wire/envelope.ts';
import {
  createGateways,
  deliver,
  deliverForged,
  INDUSTRY,
  PURPOSE,
  schemas,
  SHARING,
  withRegistry,
  type Gateway,
} from './gateways.ts';
import { tracesOf } from './traces.ts';

const WHY = { reason: 'unlawful', legalBasis: ['PIPL-47'], actor: 'privacy-1' } as const;
const AT = '2026-03-01T00:00:00.000Z';

/** A message as it was on its way before anybody thought of erasing. */
interface Caught {
  readonly content: EnvelopeContent;
  readonly body: MessageBody;
}

describe('an erasure and the messages around it', () => {
  let bank: Gateway;
  let insurer: Gateway;
  let third: Gateway;
  let nextPhone = 15400000200;

  before(async () => {
    [bank, insurer, third] = (await createGateways(3)) as [Gateway, Gateway, Gateway];
  });
  after(() => Promise.all([bank, insurer, third].map((gateway) => gateway.close())));

  const catchLast = async ({ deps, sent }: Gateway): Promise<Caught> => {
    const { content, sealed } = sent.at(-1)!;
    const { disclosures, erased } = await disclosedOf(deps.database, deps.member, content.id);
    const beside = {
      ...(disclosures.length === 0 ? {} : { disclosures }),
      ...(erased.length === 0 ? {} : { erased }),
    };
    return { content, body: { ...sealed, ...beside } };
  };
  const pushPhone = async (from: Gateway): Promise<{ readonly value: string; readonly batch: Caught }> => {
    const value = String(nextPhone++);
    const lines = [{ type: 'phone', value, confidence: 90 }];
    await pushFeatures(from.deps, { ...SHARING, lines });
    return { value, batch: await catchLast(from) };
  };
  const erasePhone = async (at: Gateway, value: string): Promise<Caught> => {
    const sentBefore = at.sent.length;
    await erase(at.deps, { ...WHY, type: 'phone', value });
    assert.equal(at.sent.length, sentBefore + 1);
    return catchLast(at);
  };
  const outcomeAt = async (at: Gateway, value: string): Promise<string | undefined> => {
    const subjects = [{ ref: 'a', features: [{ type: 'phone', value }] }];
    const asked = { group: INDUSTRY, purpose: PURPOSE, caseRef: 'c', actor: 'loan-1' };
    return (await screen(at.deps, { ...asked, subjects })).results[0]?.outcome;
  };
  /** Signs and delivers an erasure that no honest gateway would make. */
  const forgeErasure = async (
    from: Gateway,
    to: Gateway,
    features: readonly JsonObject[],
    change: Partial<EnvelopeContent> = {},
  ): Promise<JsonObject> => {
    const id = 'urn:lianzheng:schema:erasure:1.0.0';
    const content: EnvelopeContent = {
      ...{ id: newId(), kind: 'erasure', version: 1, issuer: from.deps.member, group: INDUSTRY },
      ...{ createdAt: from.settings.now.toISOString(), purpose: PURPOSE, legalBasis: ['PIPL-47'] },
      schema: { id, sha256: schemas.digest(id) },
      registry: { serial: 1, sha256: from.settings.view.sha256 },
      body: { erasureId: newId(), reason: 'other', features },
      ...change,
    };
    return deliver(to, content, await sealEnvelope(content, from.deps.sealKey));
  };
  const named = ({ content }: Caught): JsonObject[] =>
    (content.body as { features: { id: string }[] }).features.map(({ id }) => ({
      envelope: content.id,
      feature: id,
    }));

  it('a late retry of the batch gets the old answer and does not bring the value back', async () => {
    const { value, batch } = await pushPhone(bank);
    const mid = newId();
    const first = await deliver(insurer, batch.content, batch.body, mid);
    const notice = await erasePhone(bank, value);
    await deliver(insurer, notice.content, notice.body);
    assert.deepEqual(await deliver(insurer, batch.content, batch.body, mid), first);
    await assert.rejects(deliver(insurer, batch.content, batch.body), { code: 'exchange.id-conflict' });
    assert.equal(await outcomeAt(insurer, value), 'pass');
    assert.deepEqual(await tracesOf(insurer.deps.database, [value]), []);
  });

  it('a batch that its erasure overtook is stored without the value', async () => {
    const { value, batch } = await pushPhone(bank);
    const notice = await erasePhone(bank, value);
    const told = await deliver(insurer, notice.content, notice.body);
    assert.deepEqual(told['result'], { erased: 0, unknown: 1 });
    const before = await countFeatures(insurer.deps, INDUSTRY);
    const answer = await deliver(insurer, batch.content, batch.body);
    assert.deepEqual(answer['result'], { accepted: 1, duplicates: 0 });
    assert.equal((await countFeatures(insurer.deps, INDUSTRY)).features, before.features + 1);
    assert.equal(await outcomeAt(insurer, value), 'pass');
    assert.deepEqual(await tracesOf(insurer.deps.database, [value]), []);
  });

  it('the same erasure twice: as a retry the old answer, as a new message a conflict', async () => {
    const { value, batch } = await pushPhone(bank);
    await deliver(insurer, batch.content, batch.body);
    const notice = await erasePhone(bank, value);
    const mid = newId();
    const first = await deliver(insurer, notice.content, notice.body, mid);
    assert.deepEqual(first['result'], { erased: 1, unknown: 0 });
    assert.deepEqual(await deliver(insurer, notice.content, notice.body, mid), first);
    await assert.rejects(deliver(insurer, notice.content, notice.body), { code: 'exchange.id-conflict' });
    const acts = await listErasures(insurer.deps, 100);
    assert.equal(acts.filter(({ features }) => features === 1).length, 2);
  });

  it('another member’s features are refused, and nothing of the message is done', async () => {
    const theirs = await pushPhone(bank);
    const own = await pushPhone(third);
    for (const { batch } of [theirs, own]) await deliver(insurer, batch.content, batch.body);
    await assert.rejects(forgeErasure(third, insurer, [...named(own.batch), ...named(theirs.batch)]), {
      code: 'erasure.not-issuer',
    });
    for (const { value } of [theirs, own]) assert.equal(await outcomeAt(insurer, value), 'block');
  });

  it('a copy of another member’s ids does not keep that member from erasing', async () => {
    const { value, batch } = await pushPhone(bank);
    await deliver(insurer, batch.content, batch.body);
    const copy: EnvelopeContent = { ...batch.content, issuer: third.deps.member };
    const sealed = await sealEnvelope(copy, third.deps.sealKey);
    await deliver(insurer, copy, { ...sealed, disclosures: batch.body.disclosures! });
    const notice = await erasePhone(bank, value);
    assert.deepEqual((await deliver(insurer, notice.content, notice.body))['result'], {
      erased: 1,
      unknown: 0,
    });
  });

  it('ids of a group that the sender did not send to answer like ids that do not exist', async () => {
    const { value, batch } = await pushPhone(bank);
    await deliver(insurer, batch.content, batch.body);
    const hidden = await forgeErasure(third, insurer, named(batch), { group: 'commerce' });
    const absent = await forgeErasure(third, insurer, [{ envelope: newId(), feature: newId() }]);
    assert.deepEqual(hidden['result'], absent['result']);
    assert.equal(await outcomeAt(insurer, value), 'block');
  });

  it('no grant for the kind, no erasure at the peer', async () => {
    const { value, batch } = await pushPhone(bank);
    await deliver(insurer, batch.content, batch.body);
    const { view } = insurer.settings;
    const grants = view.body.grants.map((grant) => ({ ...grant, kinds: ['feature-batch', 'screening'] }));
    insurer.settings.view = withRegistry(view, { grants });
    await assert.rejects(forgeErasure(bank, insurer, named(batch)), { code: 'grant.refused' });
    insurer.settings.view = view;
    assert.equal(await outcomeAt(insurer, value), 'block');
  });

  it('members that cannot be told are listed with the reason, and the same order tells them later', async () => {
    const { value } = await pushPhone(bank);
    const { view } = bank.settings;
    const members = view.body.members.map((one) =>
      one.id === 'insurer-b' ? { ...one, status: 'suspended' as const } : one,
    );
    bank.settings.view = withRegistry(view, { members });
    const id = newId();
    const order = { ...WHY, id, type: 'phone', value };
    const record = await erase(bank.deps, order);
    assert.deepEqual(record.notTold, [
      { member: 'insurer-b', group: INDUSTRY, code: 'tls.member-suspended' },
    ]);
    assert.deepEqual(
      record.notices.map(({ to }) => to),
      ['bank-c'],
    );
    assert.equal(await outcomeAt(bank, value), 'pass', 'what is held here goes in any case');

    bank.settings.view = view;
    const repeated = await erase(bank.deps, order);
    assert.deepEqual([repeated.notTold, repeated.notices.length], [[], 2]);
    assert.deepEqual(bank.sent.at(-1)!.recipients, ['insurer-b']);
  });

  it('without a grant of our own the value still goes here, and nothing is sent', async () => {
    const { value } = await pushPhone(bank);
    const sentBefore = bank.sent.length;
    const record = await erase(bank.deps, { ...WHY, legalBasis: ['PIPL-99'], type: 'phone', value });
    assert.equal(record.features, 1);
    assert.deepEqual(
      record.notTold.map(({ member, code }) => [member, code]),
      [
        ['bank-c', 'grant.refused'],
        ['insurer-b', 'grant.refused'],
      ],
    );
    assert.equal(bank.sent.length, sentBefore);
  });

  it('a batch may lack a disclosure only when the sender names it as erased', async () => {
    const gone = newDisclosure('+8615400000300');
    const kept = newDisclosure('+8615400000301');
    const features = [gone, kept].map((disclosure) => ({
      ...{ id: newId(), type: 'phone', commitment: commit(disclosure), confidence: 50 },
      ...{ firstSeen: AT, lastSeen: AT, tlp: 'amber', grade: 2 },
    }));
    const send = (beside: Pick<MessageBody, 'disclosures' | 'erased'>) =>
      deliverForged(bank, insurer, { features, ...beside });
    const mismatch = { code: 'envelope.disclosure-invalid' };
    await assert.rejects(send({ disclosures: [kept] }), mismatch);
    await assert.rejects(send({ disclosures: [gone, kept], erased: [commit(gone)] }), mismatch);
    await assert.rejects(send({ disclosures: [kept], erased: [commit(gone), '0'.repeat(64)] }), mismatch);
    await assert.rejects(send({ disclosures: [kept], erased: [commit(gone), commit(gone)] }), {
      code: 'schema.invalid',
    });
    const answer = await send({ disclosures: [kept], erased: [commit(gone)] });
    assert.deepEqual(answer['result'], { accepted: 2, duplicates: 0 });
    const { features: all } = await listFeatures(insurer.deps, { group: INDUSTRY, limit: 1000 });
    assert.deepEqual(
      all.slice(-2).map(({ value, erased }) => [value, erased]),
      [
        [undefined, true],
        [kept.value, undefined],
      ],
    );
  });

  it('waits for a batch that is being stored, so that nothing slips through beside it', async () => {
    const { database, indexKey, member } = insurer.deps;
    const disclosure = newDisclosure('+8615400000302');
    const signed: SignedFeature = {
      ...{ id: newId(), type: 'phone', commitment: commit(disclosure), confidence: 50 },
      ...{ firstSeen: AT, lastSeen: AT, tlp: 'amber', grade: 2 },
    };
    const lookup = lookupOf(indexKey, 'phone', disclosure.value);
    let erasing: Promise<ErasureRecord> | undefined;
    await database.transaction(async (tx) => {
      await insertBatch(tx, {
        ...{ id: newId(), issuer: member, group: INDUSTRY, purpose: PURPOSE, createdAt: AT },
        ...{ receivedAt: new Date(), ledgerKey: randomBytes(32) },
        items: [{ signed, lookup, detail: '', disclosure }],
      });
      erasing = erase(insurer.deps, { ...WHY, type: 'phone', value: disclosure.value });
      await sleep(150);
    });
    assert.equal((await erasing)?.features, 1);
    assert.deepEqual(await tracesOf(database, [disclosure.value]), []);
  });

  it('a screening that was judged just before keeps no salt for the erased value', async () => {
    const { value } = await pushPhone(bank);
    const { database, indexKey } = bank.deps;
    let screening: Promise<string | undefined> | undefined;
    await database.transaction(async (tx) => {
      await takeErasureTurn(tx);
      await destroySubject(tx, { type: 'phone', lookup: lookupOf(indexKey, 'phone', `+86${value}`) });
      screening = outcomeAt(bank, value);
      await sleep(150);
    });
    assert.equal(await screening, 'block');
    const { rows } = await database.query<{ salt: Buffer | null }>(
      `SELECT r.salt FROM screening_result r JOIN screening s ON s.id = r.screening ORDER BY s.made_at DESC, s.id DESC LIMIT 1`,
    );
    assert.equal(rows[0]?.salt, null);
  });

  it('pushes and erasures of one value at once leave it whole or gone, never half', async () => {
    const value = String(nextPhone++);
    const lines = [{ type: 'phone', value, confidence: 90 }];
    const work: Promise<unknown>[] = [];
    for (let round = 0; round < 12; round += 1) {
      work.push(pushFeatures(bank.deps, { ...SHARING, lines }));
      if (round % 3 === 2) work.push(erase(bank.deps, { ...WHY, type: 'phone', value }));
    }
    await Promise.all(work);
    const { rows } = await bank.deps.database.query<{ features: number; sightings: number; values: number }>(
      `SELECT (SELECT count(*) FROM feature_disclosure WHERE value = $1) AS values,
              (SELECT count(*) FROM feature f JOIN feature_disclosure d USING (batch, position)
                WHERE d.value = $1 AND f.lookup IS NOT NULL) AS features,
              (SELECT count(*) FROM feature_sighting s JOIN feature_disclosure d USING (batch, position)
                WHERE d.value = $1 AND s.lookup IS NOT NULL) AS sightings`,
      [`+86${value}`],
    );
    const { values, features, sightings } = rows[0]!;
    assert.equal(values, features + sightings, 'every value that is left can be found');
    assert.equal(features, values === 0 ? 0 : 1, 'sightings have their feature');
    await erase(bank.deps, { ...WHY, type: 'phone', value });
    assert.deepEqual(await tracesOf(bank.deps.database, [value]), []);
  });
});
