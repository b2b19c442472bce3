import assert from 'node:assert/strict';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { screen } from '../../src/features/screen.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';

describe('features between two gateways', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  before(async () => {
    alliance = await openTestAlliance({ members: ['bank-a', 'insurer-b'] });
  });
  after(() => alliance.close());

  it('reach the other member and block there', async () => {
    const bank = alliance.gateway('bank-a');
    const insurer = alliance.gateway('insurer-b');
    const value = 'loan-broker.example';
    const report = await pushFeatures(bank.features, {
      group: FEATURE_GROUP,
      purpose: 'RISK_PREVENTION',
      legalBasis: ['PIPL-13'],
      actor: 'tester',
      lines: [{ type: 'domain', value, confidence: 95 }],
    });
    assert.deepEqual(report.refused, []);
    assert.equal(report.accepted, 1);
    await bank.delivery.idle();
    const screened = await screen(insurer.features, {
      group: FEATURE_GROUP,
      purpose: 'RISK_PREVENTION',
      caseRef: 'case-1',
      subjects: [{ ref: 'a', features: [{ type: 'domain', value }] }],
      actor: 'tester',
    });
    assert.notEqual(screened.results[0]?.outcome, 'pass');
  });
});
