import assert from 'node:assert/strict';
import { newId } from '../../src/core/ids.ts';
import { createRefusalLog, type Refusal, type RefusalLog } from '../../src/federation/refusals.ts';
import { testAlliance, type TestAlliance } from './alliance.ts';
import { openGateway, type Gateway } from './gateway.ts';

describe('refusal log', () => {
  let alliance: TestAlliance;
  let gateway: Gateway;
  let log: RefusalLog;
  let now = new Date('2027-01-01T00:00:10Z');
  before(async () => {
    alliance = await testAlliance();
    gateway = await openGateway(alliance, alliance.members.a);
    const { ledger, registry } = gateway;
    log = createRefusalLog({ member: 'bank-a', ledger, registry, clock: () => now });
  });
  after(async () => {
    await log.close();
    await gateway.close();
  });
  const refusal = (change: Partial<Refusal> = {}): Refusal => ({
    code: 'schema.invalid',
    path: '/x/v1/messages',
    correlationId: newId(),
    ...change,
  });
  const refusals = async () =>
    (await gateway.entries()).filter((entry) => entry.kind.startsWith('exchange.refused'));

  it("counts an authenticated refusal in the pair and a stranger's in none", async () => {
    const known = await log.record(refusal({ peer: 'bank-b', mid: newId(), tokenSha256: 'a'.repeat(64) }));
    const stranger = await log.record(refusal({ code: 'token.expired', certificateMember: 'bank-b' }));
    const [first, second] = await refusals();
    assert.equal(known?.origin, alliance.members.a.ledger.origin);
    assert.notEqual(stranger, null);
    assert.deepEqual([first?.code, first?.pair?.dir, first?.peer], ['schema.invalid', 'in', 'bank-b']);
    assert.deepEqual([second?.code, second?.pair, second?.peer], ['token.expired', undefined, undefined]);
  });

  it('logs 20 of a flood singly and sums up the rest when the minute is over', async () => {
    const before = (await refusals()).length;
    const flood = Array.from({ length: 50 }, () =>
      log.record(refusal({ peer: 'bank-b', code: 'grant.refused' })),
    );
    const positions = await Promise.all(flood);
    assert.equal(positions.filter((position) => position !== null).length, 20);
    await log.flush();
    const logged = (await refusals()).slice(before);
    const summary = logged.at(-1);
    assert.equal(logged.length, 21);
    assert.deepEqual(
      [summary?.kind, summary?.count, summary?.peer],
      ['exchange.refused-summary', 30, 'bank-b'],
    );
  });

  it('starts anew in the next minute', async () => {
    now = new Date('2027-01-01T00:01:00Z');
    assert.notEqual(await log.record(refusal({ peer: 'bank-b', code: 'grant.refused' })), null);
  });
});
