import assert from 'node:assert/strict';
import { GatewayError } from '../../src/core/errors.ts';
import type { Expiry, ExpiryStep } from '../../src/federation/registry/expiries.ts';
import { newlyNear } from '../../src/operations/expiry-watch.ts';
import { judge } from '../../src/operations/readiness.ts';
import type { DatabaseSigns, VitalSigns } from '../../src/operations/vital-signs.ts';

const at = new Date('2026-06-01T12:00:00Z');
const after = (seconds: number): Date => new Date(at.getTime() + seconds * 1000);

const database: DatabaseSigns = {
  ...{ databaseMs: at.getTime(), waiting: 0, oldestWaiting: null, size: 10, root: Buffer.alloc(32) },
  ...{ checkpointAt: at, tokenIds: 0, offsetMs: 20, lagSeconds: 0, deliveries: [], cosigned: [] },
};
const well: VitalSigns = {
  ...{ at, stopping: false, database, gate: { state: 'open', reason: '', code: undefined } },
  processes: { roles: ['api', 'sequencer', 'delivery', 'clock'], others: [], missing: [] },
  registry: {
    ...{ serial: 3, sha256: 'ab', expiresAt: after(86_400), freshUntil: after(580), refusal: undefined },
    active: true,
  },
  blobs: { usedBytes: 1, quotaBytes: 100, freeBytes: 50, reserveBytes: 10 },
  expiries: [],
  certificateEnd: after(86_400),
};
const expiry = (step: ExpiryStep | undefined, covered = false): Expiry => ({
  ...{ what: 'certificate', id: 'x5t', at: after(3600).toISOString(), daysLeft: 0, step, covered },
});

describe('readiness', () => {
  const codes = (change: Partial<VitalSigns>) => {
    const { reasons, warnings } = judge({ ...well, ...change }, { skewSeconds: 10 });
    return [
      reasons.map(({ part, code }) => `${part} ${code}`),
      warnings.map(({ part, code }) => `${part} ${code}`),
    ];
  };
  const cases: readonly [string, Partial<VitalSigns>, readonly string[], readonly string[]][] = [
    ['a gateway that is well', {}, [], []],
    ['a stop', { stopping: true }, ['gateway gateway.stopping'], []],
    ['a database that is away', { database: undefined }, ['database storage.unavailable'], []],
    [
      'a quarantined ledger',
      { gate: { state: 'quarantined', reason: 'bank-b has more', code: 'ledger.quarantined' } },
      ['ledger ledger.quarantined'],
      [],
    ],
    [
      'a ledger that waits for witnesses',
      { gate: { state: 'waiting', reason: 'no answer from r', code: 'ledger.unavailable' } },
      ['ledger ledger.unavailable'],
      [],
    ],
    [
      'a gateway of which no process sequences',
      { gate: { state: 'waiting', reason: 'roles api', code: 'gateway.no-sequencer' } },
      ['sequencer gateway.no-sequencer'],
      [],
    ],
    [
      'a gateway of which no process delivers',
      { processes: { roles: ['api', 'sequencer', 'clock'], others: [], missing: ['delivery'] } },
      [],
      ['delivery role.missing'],
    ],
    [
      'a sequencer that stands still',
      { database: { ...database, waiting: 7, lagSeconds: 6 } },
      ['sequencer ledger.unavailable'],
      [],
    ],
    [
      'a frozen registry',
      { registry: { ...well.registry, freshUntil: after(-5), refusal: new GatewayError('registry.stale') } },
      ['registry registry.stale'],
      [],
    ],
    [
      'a registry that nobody has called current for five minutes',
      { registry: { ...well.registry, freshUntil: after(200) } },
      [],
      ['registry registry.freshness-ends'],
    ],
    [
      'a suspended member',
      { registry: { ...well.registry, active: false } },
      [],
      ['registry tls.member-suspended'],
    ],
    ['a full store', { blobs: { ...well.blobs, usedBytes: 100 } }, ['blobs blob.quota'], []],
    ['a disk at its reserve', { blobs: { ...well.blobs, freeBytes: 9 } }, ['blobs blob.quota'], []],
    ['a store that fills up', { blobs: { ...well.blobs, usedBytes: 91 } }, [], ['blobs blobs.nearly-full']],
    ['a wrong clock', { database: { ...database, offsetMs: -11_000 } }, ['clock gateway.clock-wrong'], []],
    ['a clock that drifts', { database: { ...database, offsetMs: 3000 } }, [], ['clock clock.drifts']],
    ['an ended certificate', { certificateEnd: after(-1) }, ['certificate tls.certificate-expired'], []],
    ['a certificate that ends soon', { expiries: [expiry(7)] }, [], ['certificate expiry.near']],
    ['one that another stands in for', { expiries: [expiry(7, true)] }, [], []],
    [
      'a peer that takes nothing',
      {
        database: {
          ...database,
          deliveries: [{ recipient: 'r', pending: 2, sent: 1, oldest: after(-1000) }],
        },
      },
      [],
      ['delivery delivery.late'],
    ],
    [
      'a witness that is missing',
      {
        database: { ...database, cosigned: [{ witness: 'r', vkey: 'v', size: 4, cosignedAt: after(-400) }] },
      },
      [],
      ['witness witness.behind'],
    ],
  ];
  for (const [what, change, reasons, warnings] of cases) {
    it(`judges ${what}`, () => assert.deepEqual(codes(change), [reasons, warnings]));
  }

  it('warns of an expiry once at each step', () => {
    const told = new Set<string>();
    const steps = [30, 30, 14, 14, 7, 3, 1, 1, 0, 0].map((step) => expiry(step as ExpiryStep));
    const given = steps.flatMap((one) => newlyNear([one], told).map(({ step }) => step));
    assert.deepEqual(given, [30, 14, 7, 3, 1, 0]);
    assert.deepEqual(newlyNear([expiry(undefined), expiry(14, true)], new Set()), []);
  });
});
