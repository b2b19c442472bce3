import assert from 'node:assert/strict';
import { expiriesOf, expiryStep } from '../../src/federation/registry/expiries.ts';
import { createAuthority } from '../../src/pki/authority.ts';
import { fakeThumbprint, testAlliance, type TestAlliance } from './alliance.ts';

const DAY = 86_400;
const now = new Date('2026-06-01T12:00:00Z');
const inDays = (days: number): number => now.getTime() / 1000 + days * DAY;

describe('expiries', () => {
  let alliance: TestAlliance;
  before(async () => {
    const { certPem } = await createAuthority({ name: 'ca', alliance: 'lz-test', clock: () => now });
    alliance = await testAlliance(() => ({ cas: [certPem] }));
  });
  const bodyWith = (certs: readonly object[]) => {
    const [a, ...others] = alliance.body.members;
    const gateways = [{ authority: 'a.example:1', certs }];
    const keys = a!.keys.map((key) => ({ ...key, exp: inDays(20) }));
    return {
      ...alliance.body,
      expiresAt: '2026-06-02T00:00:00Z',
      members: [{ ...a!, gateways, keys }, ...others],
    } as typeof alliance.body;
  };
  const cert = (name: string, days: number, revoked?: object) => ({
    ...{ x5t: fakeThumbprint(name), nbf: 0, exp: inDays(days) },
    ...(revoked === undefined ? {} : { revoked }),
  });

  it('are certificate, seal key, CA and registry of the member, soonest first, with days left', () => {
    const found = expiriesOf(bodyWith([cert('one', 6.5)]), 'bank-a', now);
    assert.deepEqual(
      found.map(({ what, daysLeft, step }) => [what, daysLeft, step]),
      [
        ['registry', 0, 1],
        ['certificate', 6, 7],
        ['seal-key', 20, 30],
        ['ca', 3652, undefined],
      ],
    );
    assert.equal(found[1]?.id, fakeThumbprint('one'));
  });

  it('are covered when a later one stands in the same place, and not named when revoked', () => {
    const revoked = { at: now.toISOString(), reason: 'superseded' };
    const certs = [cert('old', 2), cert('new', 80), cert('gone', 1, revoked)];
    const found = expiriesOf(bodyWith(certs), 'bank-a', now).filter(({ what }) => what === 'certificate');
    assert.deepEqual(
      found.map(({ id, covered }) => [id, covered]),
      [
        [fakeThumbprint('old'), true],
        [fakeThumbprint('new'), false],
      ],
    );
  });

  it('go on being counted after the end', () => {
    const [first] = expiriesOf(bodyWith([cert('past', -1.5)]), 'bank-a', now);
    assert.deepEqual([first?.what, first?.daysLeft, first?.step], ['certificate', -2, 0]);
  });

  it('step at 30, 14, 7, 3 and 1 days', () => {
    const step = (days: number) => expiryStep(new Date(now.getTime() + days * DAY * 1000), now);
    const steps = [31, 30, 14.5, 14, 8, 7, 3.1, 3, 1, 0.1, 0, -0.1].map(step);
    assert.deepEqual(steps, [undefined, 30, 30, 14, 14, 7, 7, 3, 1, 1, 1, 0]);
  });
});
