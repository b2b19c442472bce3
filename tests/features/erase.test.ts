import assert from 'node:assert/strict';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { newId } from '../../src/core/ids.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { erase } from '../../src/features/erasure/erase.ts';
import { listErasures } from '../../src/features/erasure/list-erasures.ts';
import type { ErasureOrder } from '../../src/features/erasure/order.ts';
import { countFeatures, listFeatures, type ListedFeature } from '../../src/features/list.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { screen, type ScreeningResult } from '../../src/features/screen.ts';
import { openGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { openEnvelope } from '../../src/wire/envelope.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { assertLedgersAgree } from '../world/agreeing-ledgers.ts';
import { secretsOf, tracesOf } from './traces.ts';

const PURPOSE = 'RISK_PREVENTION';
const WHY = { reason: 'purpose-ended', legalBasis: ['PIPL-47'], actor: 'privacy-1' } as const;

interface LoggedErasure {
  readonly kind: string;
  readonly count: number;
  readonly subject: { readonly id: string };
  readonly commitments?: { readonly count: number; readonly root: string };
  readonly counter?: { readonly origin: string };
  readonly pair?: { readonly peer: string };
}

describe('erasing a person', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  let bank: Gateway;
  let insurer: Gateway;
  let police: Gateway;
  const all = (): Gateway[] => [bank, insurer, police];

  before(async () => {
    alliance = await openTestAlliance({ members: ['bank-a', 'insurer-b', 'police-p'] });
    [bank, insurer, police] = ['bank-a', 'insurer-b', 'police-p'].map((id) => alliance.gateway(id)) as [
      Gateway,
      Gateway,
      Gateway,
    ];
  });
  afterEach(() => assertLedgersAgree(all()));
  after(async () => {
    await insurer.close();
    await alliance.close();
  });

  const push = async (from: Gateway, lines: readonly object[]): Promise<void> => {
    const sharing = { group: FEATURE_GROUP, purpose: PURPOSE, legalBasis: ['PIPL-13'], actor: 'clerk-1' };
    const report = await pushFeatures(from.features, { ...sharing, lines: lines as never });
    assert.deepEqual(report.refused, []);
    await from.delivery.idle();
  };
  const phone = (value: string, more: object = {}) => ({ type: 'phone', value, confidence: 90, ...more });
  const screened = async (at: Gateway, value: string): Promise<ScreeningResult> => {
    const subjects = [{ ref: 'applicant-1', features: [{ type: 'phone', value }] }];
    const asked = { group: FEATURE_GROUP, purpose: PURPOSE, caseRef: 'case-1', actor: 'loan-1' };
    return (await screen(at.features, { ...asked, subjects })).results[0]!;
  };
  const listed = async (at: Gateway): Promise<readonly ListedFeature[]> =>
    (await listFeatures(at.features, { group: FEATURE_GROUP, limit: 1000 })).features;
  const order = (subject: Partial<ErasureOrder>) => ({ ...WHY, ...subject });
  const byValue = (value: string) => order({ type: 'phone', value });
  const logged = async ({ database }: Gateway): Promise<readonly LoggedErasure[]> => {
    const { rows } = await database.query<{ body: string }>('SELECT body FROM ledger_entry ORDER BY seq');
    return rows.map(({ body }) => JSON.parse(body)).filter(({ kind }) => kind === 'subject.erased');
  };

  it('leaves no trace of value, salt or look-up at any member, and both sides log the same act', async () => {
    await push(bank, [phone('15400000101'), { type: 'domain', value: 'kept.example.com' }]);
    const secrets: string[] = [];
    for (const gateway of all()) {
      assert.equal((await screened(gateway, '15400000101')).outcome, 'block');
      secrets.push(...(await secretsOf(gateway.database, '+8615400000101')));
    }
    const salts = await Promise.all(
      all().map(({ database }) =>
        database.query<{ salt: string }>(`SELECT encode(salt, 'hex') AS salt FROM screening_result`),
      ),
    );
    secrets.push(...salts.flatMap(({ rows }) => rows.map(({ salt }) => salt)));

    const record = await erase(bank.features, byValue('154 0000 0101'));
    await bank.delivery.idle();

    assert.deepEqual([record.features, record.sightings, record.screenings], [1, 0, 1]);
    assert.deepEqual(record.notTold, []);
    for (const gateway of all()) {
      assert.deepEqual(await tracesOf(gateway.database, secrets), [], gateway.config.member);
      assert.deepEqual(
        [(await screened(gateway, '15400000101')).outcome, (await screened(gateway, '15400000101')).reasons],
        ['pass', []],
      );
      const [entry] = await logged(gateway);
      assert.equal(entry?.subject.id, record.erasureId);
      assert.deepEqual([entry.count, entry.commitments?.count], [1, 1]);
      assert.equal(entry.pair?.peer, gateway === bank ? undefined : 'bank-a');
      assert.equal(entry.counter?.origin, gateway === bank ? undefined : bank.ledger.origin);
    }
    const [now] = await listErasures(bank.features, 10);
    assert.deepEqual(
      now?.notices.map(({ to, state }) => [to, state]),
      [
        ['insurer-b', 'acked'],
        ['police-p', 'acked'],
      ],
    );
    const [there] = await listErasures(insurer.features, 10);
    assert.deepEqual([there?.orderedBy, there?.erasureId, there?.features], ['bank-a', record.erasureId, 1]);
  });

  it('keeps the feature countable and listed as erased, and the rest of its batch untouched', async () => {
    for (const gateway of all()) {
      const [erased, kept] = await listed(gateway);
      assert.deepEqual([erased?.type, erased?.value, erased?.erased], ['phone', undefined, true]);
      assert.deepEqual([kept?.value, kept?.erased], ['kept.example.com', undefined]);
      assert.deepEqual(await countFeatures(gateway.features, FEATURE_GROUP), { features: 2, sightings: 0 });
    }
  });

  it('leaves the signed envelopes valid', async () => {
    const { rows } = await insurer.database.query<{ envelope: string }>(
      `SELECT envelope FROM inbox WHERE kind = 'feature-batch'`,
    );
    const view = insurer.registry.current();
    const opened = await openEnvelope(JSON.parse(rows[0]!.envelope), (issuer, kid) =>
      view.sealKey(issuer, kid),
    );
    assert.match(JSON.stringify(opened.content.body), /"commitment":"[0-9a-f]{64}"/);
  });

  it('says of a value that is not held, or no longer, that nothing was left to erase', async () => {
    for (const value of ['15400000101', '15400000199']) {
      const record = await erase(bank.features, byValue(value));
      assert.deepEqual([record.features, record.sightings, record.notices], [0, 0, []]);
    }
    const found = (await listed(bank)).find(({ erased }) => erased === true);
    const again = await erase(bank.features, order({ featureId: found!.id }));
    assert.equal(again.features, 0);
  });

  it('answers a repeated order with the first act, and refuses its id for any other', async () => {
    await push(bank, [phone('15400000102'), phone('15400000103')]);
    const id = newId();
    const first = await erase(bank.features, { ...byValue('15400000102'), id });
    await bank.delivery.idle();
    const before = (await logged(bank)).length;
    const second = await erase(bank.features, { ...byValue('15400000102'), id });
    assert.deepEqual({ ...second, notices: [] }, { ...first, notices: [] });
    assert.deepEqual(
      second.notices.map(({ mid }) => mid),
      first.notices.map(({ mid }) => mid),
    );
    assert.equal((await logged(bank)).length, before);
    await assert.rejects(erase(bank.features, { ...byValue('15400000103'), id }), {
      code: 'erasure.id-conflict',
    });
    assert.equal((await screened(bank, '15400000103')).outcome, 'block');
  });

  it('leaves what other members stated about the value to them, where they stated it', async () => {
    await push(bank, [phone('15400000104', { context: { role: 'BROKER' } })]);
    await push(insurer, [
      { type: 'domain', value: 'other.example.com' },
      phone('15400000104', { context: { role: 'MULE' }, tlp: 'red', grade: 3, confidence: 80 }),
    ]);
    const before = await screened(police, '15400000104');
    assert.equal(before.members, 2);

    const record = await erase(bank.features, byValue('15400000104'));
    await bank.delivery.idle();

    assert.deepEqual([record.features, record.sightings], [1, 1]);
    assert.equal((await screened(bank, '15400000104')).outcome, 'pass');
    for (const gateway of [insurer, police]) {
      const after = await screened(gateway, '15400000104');
      assert.deepEqual([after.members, after.confidence], [1, 80], gateway.config.member);
      const shown = (await listed(gateway)).find(({ id }) => id === after.featureIds[0]);
      assert.deepEqual(
        [shown?.member, shown?.value, shown?.tlp, shown?.grade, shown?.context?.role],
        ['insurer-b', '+8615400000104', 'red', 3, 'MULE'],
      );
    }
    // The insurer may still erase its own, which reaches the police again; the bank has nothing left.
    await erase(insurer.features, byValue('15400000104'));
    await insurer.delivery.idle();
    for (const gateway of all()) assert.deepEqual(await tracesOf(gateway.database, ['15400000104']), []);
  });

  it('takes a value that is pushed again later as new', async () => {
    await push(insurer, [phone('15400000101')]);
    for (const gateway of all()) assert.equal((await screened(gateway, '15400000101')).outcome, 'block');
    const { featureIds } = await screened(bank, '15400000101');
    const record = await erase(bank.features, order({ featureId: featureIds[0]! }));
    assert.deepEqual([record.features, record.notices, record.notTold], [1, [], []]);
    assert.equal(
      (await screened(insurer, '15400000101')).outcome,
      'block',
      'another member’s own copy stays',
    );
  });

  it('never sends what was erased before it could be delivered, and tells a member when it is back', async () => {
    await insurer.close();
    const sharing = { group: FEATURE_GROUP, purpose: PURPOSE, legalBasis: ['PIPL-13'], actor: 'clerk-1' };
    const lines = [phone('15400000105'), phone('15400000106'), phone('15400000107')];
    await pushFeatures(bank.features, { ...sharing, lines });
    await pushFeatures(bank.features, { ...sharing, lines: [phone('15400000108')] });
    await erase(bank.features, byValue('15400000106'));
    const alone = await erase(bank.features, byValue('15400000108'));
    assert.equal(alone.notices.length, 2);

    const { configPath } = alliance.founded.members.find(({ cast }) => cast.id === 'insurer-b')!;
    insurer = await openGateway(readConfig(configPath), pino({ level: 'silent' }));
    await bank.delivery.idle();

    const { notices } = (await listErasures(bank.features, 1))[0]!;
    assert.deepEqual(
      notices.map(({ state }) => state),
      ['acked', 'acked'],
    );
    assert.deepEqual(await tracesOf(insurer.database, ['15400000106', '15400000108']), []);
    const held = (await listed(insurer)).slice(-4).map(({ value }) => value);
    assert.deepEqual(held.sort(), ['+8615400000105', '+8615400000107', undefined, undefined]);
    assert.equal((await screened(insurer, '15400000107')).outcome, 'block');
  });

  it('refuses an order that names nobody, two people, or what is not personal', async () => {
    const cases: readonly [Partial<ErasureOrder>, string][] = [
      [{}, 'erasure.subject-invalid'],
      [{ type: 'phone' }, 'erasure.subject-invalid'],
      [{ type: 'phone', value: '15400000105', featureId: newId() }, 'erasure.subject-invalid'],
      [{ type: 'phone', value: '15400000105', member: 'bank-a' }, 'erasure.subject-invalid'],
      [{ type: 'domain', value: 'kept.example.com' }, 'erasure.not-personal'],
      [{ type: 'face', value: 'x' }, 'feature.type-unknown'],
      [{ type: 'phone', value: 'x' }, 'feature.invalid'],
      [{ featureId: newId() }, 'feature.not-found'],
      [
        { type: 'phone', value: '15400000105', id: 'e0d5e8f0-6f0e-4a8e-8d2e-000000000000' },
        'request.invalid',
      ],
    ];
    for (const [subject, code] of cases) await assert.rejects(erase(bank.features, order(subject)), { code });
  });
});
