/** Gauges: read from the vital signs at each scrape. Labels name members of the registry, witnesses of its policy, or fixed words. */
import { Gauge, type Registry } from 'prom-client';
import { EXPIRY_KINDS, soonestOf } from '../expiry-watch.ts';
import { judge, type ReadinessLimits } from '../readiness.ts';
import type { DatabaseSigns, VitalSigns } from '../vital-signs.ts';

export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Row {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly read: (signs: VitalSigns, limits: ReadinessLimits) => readonly Sample[];
}

const GATES = ['open', 'waiting', 'quarantined'] as const;

const rows: readonly Row[] = [
  {
    name: 'lianzheng_ready',
    help: '1 when GET /v1/health says ready',
    read: (signs, limits) => [{ value: Number(judge(signs, limits).reasons.length === 0) }],
  },
  {
    name: 'lianzheng_not_ready',
    help: '1 for each part that keeps health from being ready',
    labels: ['part', 'code'],
    read: (signs, limits) =>
      judge(signs, limits).reasons.map(({ part, code }) => ({ value: 1, labels: { part, code } })),
  },
  {
    name: 'lianzheng_database_up',
    help: '1 when the database answered within 2 s',
    read: ({ database }) => [{ value: Number(database !== undefined) }],
  },
  {
    name: 'lianzheng_database_clock_offset_seconds',
    help: "How far the database's clock is ahead of this machine's",
    read: stored(({ offsetMs }) => offsetMs / 1000),
  },
  {
    name: 'lianzheng_ledger_entries',
    help: 'Size of the ledger; it must never fall',
    read: stored(({ size }) => size ?? 0),
  },
  {
    name: 'lianzheng_ledger_checkpoint_age_seconds',
    help: 'Since the newest checkpoint was made; it grows while nothing happens',
    read: ({ database, at }) => ageOf(database?.checkpointAt, at),
  },
  {
    name: 'lianzheng_ledger_waiting_entries',
    help: 'Acts that are not sequenced yet, counted up to 20,001',
    read: stored(({ waiting }) => waiting),
  },
  {
    name: 'lianzheng_sequencer_lag_seconds',
    help: 'How long the oldest of them has been seen to wait',
    read: stored(({ lagSeconds }) => lagSeconds),
  },
  {
    name: 'lianzheng_ledger_gate',
    help: '1 for the state that the ledger is in: open, waiting for witnesses, or quarantined',
    labels: ['state'],
    read: ({ gate }) => GATES.map((state) => ({ value: Number(gate.state === state), labels: { state } })),
  },
  {
    name: 'lianzheng_witness_lag_entries',
    help: 'Entries of ours that a witness of the policy has not cosigned',
    labels: ['witness'],
    read: ({ database }) =>
      (database?.cosigned ?? []).map(({ witness, size }) => ({
        value: Math.max(0, (database?.size ?? 0) - (size ?? 0)),
        labels: { witness },
      })),
  },
  {
    name: 'lianzheng_witness_cosignature_age_seconds',
    help: 'Since a witness of the policy cosigned last; missing when it never did',
    labels: ['witness'],
    read: ({ database, at }) =>
      (database?.cosigned ?? []).flatMap(({ witness, cosignedAt }) =>
        ageOf(cosignedAt, at).map(({ value }) => ({ value, labels: { witness } })),
      ),
  },
  {
    name: 'lianzheng_deliveries_open',
    help: 'Messages that a peer has neither acknowledged nor refused',
    labels: ['peer', 'state'],
    read: ({ database }) =>
      (database?.deliveries ?? []).flatMap(({ recipient: peer, pending, sent }) => [
        { value: pending, labels: { peer, state: 'pending' } },
        { value: sent, labels: { peer, state: 'sent' } },
      ]),
  },
  {
    name: 'lianzheng_delivery_oldest_seconds',
    help: 'Age of the oldest open message to a peer',
    labels: ['peer'],
    read: ({ database, at }) =>
      (database?.deliveries ?? []).flatMap(({ recipient: peer, oldest }) =>
        ageOf(oldest, at).map(({ value }) => ({ value, labels: { peer } })),
      ),
  },
  {
    name: 'lianzheng_token_ids',
    help: 'Used token ids that are remembered, as the statistics collector estimates',
    read: stored(({ tokenIds }) => tokenIds ?? 0),
  },
  {
    name: 'lianzheng_blob_used_bytes',
    help: 'Blobs, quarantine and running uploads',
    read: ({ blobs }) => [{ value: blobs.usedBytes }],
  },
  {
    name: 'lianzheng_blob_quota_bytes',
    help: 'blobs.quotaBytes',
    read: ({ blobs }) => [{ value: blobs.quotaBytes }],
  },
  {
    name: 'lianzheng_blob_disk_free_bytes',
    help: 'Free on the disk of the blob store',
    read: ({ blobs }) => [{ value: blobs.freeBytes }],
  },
  {
    name: 'lianzheng_blob_reserve_bytes',
    help: 'blobs.reserveBytes',
    read: ({ blobs }) => [{ value: blobs.reserveBytes }],
  },
  {
    name: 'lianzheng_registry_serial',
    help: 'Serial of the registry in force here',
    read: ({ registry }) => [{ value: registry.serial }],
  },
  {
    name: 'lianzheng_registry_fresh_seconds',
    help: 'Until peers are refused unless a newer freshness statement comes; negative when they are',
    read: ({ registry, at }) => ageOf(registry.freshUntil, at).map(({ value }) => ({ value: -value })),
  },
  {
    name: 'lianzheng_expiry_seconds',
    help: 'Until the soonest of its kind ends that no later one stands in for',
    labels: ['what'],
    read: ({ expiries, at, certificateEnd }) => [
      { value: (certificateEnd.getTime() - at.getTime()) / 1000, labels: { what: 'shown-certificate' } },
      ...EXPIRY_KINDS.flatMap((what) =>
        ageOf(soonestOf(expiries, what), at).map(({ value }) => ({ value: -value, labels: { what } })),
      ),
    ],
  },
];

export interface GaugeDeps extends ReadinessLimits {
  readonly signs: { read(): Promise<VitalSigns> };
}

export function registerGauges(registry: Registry, deps: GaugeDeps): void {
  for (const { name, help, labels = [], read } of rows) {
    registerGauge(registry, { name, help, labels, read: async () => read(await deps.signs.read(), deps) });
  }
}

export interface ReadGauge {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

/** What is not there any more is shown no more: every scrape begins empty. */
export function registerGauge(registry: Registry, { name, help, labels, read }: ReadGauge): void {
  const gauge = new Gauge({
    ...{ name, help, labelNames: [...labels], registers: [registry] },
    collect: async () => {
      const samples = await read();
      gauge.reset();
      if (labels.length === 0 && samples.length === 0) gauge.set(Number.NaN);
      for (const sample of samples) gauge.set({ ...sample.labels }, sample.value);
    },
  });
}

function stored(value: (database: DatabaseSigns) => number): Row['read'] {
  return ({ database }) => (database === undefined ? [] : [{ value: value(database) }]);
}

function ageOf(since: Date | null | undefined, at: Date): Sample[] {
  return since === null || since === undefined ? [] : [{ value: (at.getTime() - since.getTime()) / 1000 }];
}
