import assert from 'node:assert/strict';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { countFeatures } from '../../src/features/list.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { entriesFrom } from './oracle.ts';

const STALE_MS = 15 * 60_000;

describe('a registry that nobody says is fresh', function () {
  this.timeout(120_000);
  let alliance: TestAlliance;
  let ahead = 0;
  before(async () => {
    const clock = (): Date => new Date(Date.now() + ahead);
    alliance = await openTestAlliance({ members: ['bank-a', 'insurer-b', 'regulator-r'], clock });
  });
  after(() => alliance.close());

  it('stops what goes out, asks no witness, and what waited goes out once it is fresh again', async () => {
    const [bank, insurer] = [alliance.gateway('bank-a'), alliance.gateway('insurer-b')];
    ahead = STALE_MS;
    await pushFeatures(bank.features, {
      group: FEATURE_GROUP,
      purpose: 'RISK_PREVENTION',
      legalBasis: ['PIPL-13'],
      actor: 'tester',
      lines: [{ type: 'domain', value: 'waits.example', confidence: 90 }],
    });
    const waiting = await until(async () =>
      (await listDeliveries(bank.database)).find(({ code }) => code !== null),
    );
    assert.equal(waiting.code, 'registry.stale');
    assert.equal((await countFeatures(insurer.features, FEATURE_GROUP)).features, 0);

    // Some rounds of the collector: each refusal would be an entry that it asks a cosignature for, and so on.
    await new Promise((resolve) => setTimeout(resolve, 3500));
    const entries = (await Promise.all([entriesFrom(bank, 0), entriesFrom(insurer, 0)])).flat();
    const asked = entries.filter(({ subject }) => subject.type.startsWith('request:/witness/'));
    assert.equal(asked.length, 0, `${asked.length} refusals of witnesses' calls`);

    ahead = 0;
    await bank.database.query('UPDATE delivery SET due_at = now()');
    bank.delivery.kick();
    await until(async () =>
      (await countFeatures(insurer.features, FEATURE_GROUP)).features === 1 ? true : undefined,
    );
  });
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('waited in vain');
}
