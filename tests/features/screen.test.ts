import assert from 'node:assert/strict';
import { sha256 } from '../../src/core/digest.ts';
import { canonicalJson } from '../../src/core/canonical.ts';
import { commitmentRoot } from '../../src/features/commitments.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { screen, type ScreeningRequest } from '../../src/features/screen.ts';
import { SIGHTINGS_READ } from '../../src/features/screening/screening-store.ts';
import {
  COMMERCE,
  createGateways,
  deliver,
  INDUSTRY,
  PURPOSE,
  SHARING,
  withRegistry,
  type Gateway,
} from './gateways.ts';

const DAY_MS = 86_400_000;

describe('screening', () => {
  let bank: Gateway;
  let insurer: Gateway;
  const ask = (subjects: ScreeningRequest['subjects'], more: Partial<ScreeningRequest> = {}) =>
    screen(bank.deps, {
      group: INDUSTRY,
      purpose: PURPOSE,
      caseRef: 'LOAN-1',
      actor: 'clerk',
      subjects,
      ...more,
    });
  const one = async (type: string, value: string, more: Partial<ScreeningRequest> = {}) =>
    (await ask([{ ref: 'a', features: [{ type, value }] }], more)).results[0]!;
  const push = (lines: object[], more: object = {}) =>
    pushFeatures(bank.deps, { ...SHARING, lines: lines as never, ...more });

  before(async () => {
    [bank, insurer] = (await createGateways(2)) as [Gateway, Gateway];
    await push([
      { type: 'id-card', value: '999999198512310024', confidence: 90 },
      { type: 'phone', value: '15400000011', confidence: 60 },
      { type: 'phone', value: '15400000012', confidence: 30 },
      { type: 'slogan', value: '全额化债 低成本维权', confidence: 95 },
      { type: 'domain', value: 'both.example.com', confidence: 45 },
      { type: 'domain', value: 'over.example.com', confidence: 90, validUntil: '2026-01-01T00:00:00Z' },
      { type: 'domain', value: 'not-yet.example.com', confidence: 90, validFrom: '2999-01-01T00:00:00Z' },
    ]);
    await pushFeatures(insurer.deps, {
      ...SHARING,
      lines: [{ type: 'domain', value: 'both.example.com', confidence: 20 }],
    });
    const { content, sealed } = insurer.sent.at(-1)!;
    await deliver(bank, content, sealed);
  });
  after(() => Promise.all([bank.close(), insurer.close()]));

  it('blocks on a strong decisive feature, in any spelling of its value', async () => {
    const result = await one('id-card', ' 999999198512310024 ');
    assert.equal(result.outcome, 'block');
    assert.deepEqual([result.confidence, result.members, result.featureIds.length], [90, 1, 1]);
    assert.equal(result.reasons[0]?.code, 'strong-match');
    assert.match(result.reasons[0].zh, /身份证号.*90/);
    assert.match(result.reasons[0].en, /identity number.*90/);
  });

  it('blocks on a weaker one that two members contributed', async () => {
    const result = await one('domain', 'BOTH.example.com');
    assert.deepEqual([result.outcome, result.members, result.confidence], ['block', 2, 45]);
    assert.equal(result.reasons[0]?.code, 'corroborated-match');
  });

  it('asks for a review on a weaker one, and on a strong one that is shared by many', async () => {
    assert.equal((await one('phone', '15400000011')).outcome, 'review');
    assert.equal((await one('slogan', '全额化债 低成本维权')).outcome, 'review');
  });

  it('passes what is unknown, faint, over or not yet valid', async () => {
    for (const [type, value] of [
      ['phone', '15400000099'],
      ['phone', '15400000012'],
      ['domain', 'over.example.com'],
      ['domain', 'not-yet.example.com'],
    ] as const) {
      const result = await one(type, value);
      assert.deepEqual([result.outcome, result.reasons, result.featureIds], ['pass', [], []], value);
    }
  });

  it('answers for every subject in the order asked, each by its gravest match', async () => {
    const { results } = await ask([
      { ref: 'clean', features: [{ type: 'phone', value: '15400000098' }] },
      {
        ref: 'both',
        features: [
          { type: 'phone', value: '15400000011' },
          { type: 'id-card', value: '999999198512310024' },
        ],
      },
      { ref: 'look', features: [{ type: 'phone', value: '15400000011' }] },
    ]);
    assert.deepEqual(
      results.map(({ ref, outcome }) => [ref, outcome]),
      [
        ['clean', 'pass'],
        ['both', 'block'],
        ['look', 'review'],
      ],
    );
    assert.equal(results[1]?.reasons.length, 2);
  });

  it('lets confidence fall by half-life until the value is seen again', async () => {
    const start = bank.settings.now;
    bank.settings.now = new Date(start.getTime() + 180 * DAY_MS);
    assert.equal((await one('phone', '15400000011')).confidence, 0);
    assert.equal((await one('id-card', '999999198512310024')).confidence, 84);
    await push([{ type: 'phone', value: '15400000011', confidence: 10 }]);
    const seen = await one('phone', '15400000011');
    assert.deepEqual([seen.outcome, seen.confidence, seen.members], ['review', 60, 1]);
    bank.settings.now = start;
  });

  it('logs commitments that the kept salts open, and no value', async () => {
    const features = [{ type: 'phone', value: '+8615400000011' }];
    const { id, receipt } = await ask([{ ref: 'a', features: [{ type: 'phone', value: '15400000011' }] }]);
    const { rows } = await bank.deps.database.query<{ body: string; salt: Buffer }>(
      `SELECT e.body, r.salt FROM ledger_entry e, screening_result r WHERE e.seq = $1 AND r.screening = $2`,
      [receipt.index, id],
    );
    const entry = JSON.parse(rows[0]!.body);
    assert.equal(entry.kind, 'screening.made');
    assert.deepEqual([entry.group, entry.grant, entry.basis], [INDUSTRY, 'g-industry', ['PIPL-13']]);
    const opened = sha256(Buffer.concat([rows[0]!.salt, Buffer.from(canonicalJson({ ref: 'a', features }))]));
    assert.deepEqual(entry.commitments, commitmentRoot([opened.toString('hex')]));
    assert.ok(!rows[0]!.body.includes('0000011') && !rows[0]!.body.includes('LOAN-1'));
  });

  it('remembers which decisions used a feature', async () => {
    const result = await one('id-card', '999999198512310024');
    const { rowCount } = await bank.deps.database.query('SELECT FROM screening_hit WHERE feature = $1', [
      result.featureIds[0],
    ]);
    assert.ok((rowCount ?? 0) >= 1);
  });

  it('uses every permitted group when none is named, and none that is not', async () => {
    await push([{ type: 'domain', value: 'only-there.example.com', confidence: 90 }], { group: COMMERCE });
    const subjects = [{ ref: 'a', features: [{ type: 'domain', value: 'only-there.example.com' }] }];
    const everywhere = { purpose: PURPOSE, caseRef: 'x', actor: 'clerk', subjects };
    assert.equal((await one('domain', 'only-there.example.com')).outcome, 'pass');
    assert.equal((await screen(bank.deps, everywhere)).results[0]?.outcome, 'block');

    const view = bank.settings.view;
    bank.settings.view = withRegistry(view, {
      grants: view.body.grants.filter(({ group }) => group === INDUSTRY),
    });
    assert.equal((await screen(bank.deps, everywhere)).results[0]?.outcome, 'pass');
    bank.settings.view = view;
  });

  it('refuses without a grant, and subjects it cannot read, by place', async () => {
    const subjects = [{ ref: 'a', features: [{ type: 'phone', value: '15400000011' }] }];
    await assert.rejects(ask(subjects, { purpose: 'MARKETING' }), { code: 'grant.refused' });
    await assert.rejects(ask(subjects, { group: 'no-such' }), { code: 'grant.refused' });
    await assert.rejects(ask([]), { code: 'screening.invalid' });
    await assert.rejects(ask([...subjects, { ref: 'b', features: [{ type: 'phone', value: '110' }] }]), {
      code: 'screening.invalid',
      facts: { subject: 1, feature: 0 },
    });
    await assert.rejects(ask([{ ref: 'b', features: [{ type: 'shoe-size', value: '42' }] }]), {
      code: 'screening.invalid',
    });
  });

  it('reads a bounded number of sightings of a value', async () => {
    const line = { type: 'domain', value: 'hot.example.com', confidence: 50 };
    await push(Array.from({ length: SIGHTINGS_READ + 50 }, () => line));
    const result = await one('domain', 'hot.example.com');
    assert.deepEqual([result.outcome, result.members, result.reasons[0]?.capped], ['review', 1, true]);
  });
});
