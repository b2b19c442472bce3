/** Push until durable, logged and visible to screening, against COPY of the same rows into a like table. */
import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { passesLuhn } from '../src/core/identifiers.ts';
import { ndjsonLines } from '../src/features/intake/lines.ts';
import { pushFeatures } from '../src/features/push.ts';
import { createGateways, SHARING, type Gateway } from '../tests/features/gateways.ts';

export interface BenchResult {
  readonly name: string;
  readonly ours: number;
  readonly baseline: number;
  readonly ratio: number;
  readonly unit: string;
}

const FEATURES = 20_000;
const RUNS = 5;
const CHUNK = 64 * 1024;

/** Median of interleaved runs, in features a second. Two other members' deliveries are queued, none is sent. */
export async function benchPush(): Promise<BenchResult> {
  const [gateway] = (await createGateways(1)) as [Gateway];
  const owner = new pg.Client({ connectionString: gateway.ownerUrl });
  try {
    await owner.connect();
    await owner.query('CREATE TABLE feature_like (LIKE feature INCLUDING ALL)');
    await timePush(gateway, linesOf(RUNS));
    const runs = { ours: [] as number[], baseline: [] as number[] };
    for (let run = 0; run < RUNS; run += 1) {
      const before = await lastBatch(owner);
      runs.ours.push(await timePush(gateway, linesOf(run)));
      runs.baseline.push(await timeCopy(owner, await rowsAfter(owner, before)));
    }
    const [ours, baseline] = [median(runs.ours), median(runs.baseline)];
    return { name: 'feature push', ours, baseline, ratio: ours / baseline, unit: 'features/s' };
  } finally {
    await owner.end();
    // The cluster ends with this process.
    await gateway.close();
  }
}

async function timePush(gateway: Gateway, ndjson: Buffer): Promise<number> {
  gateway.sent.length = 0;
  const started = performance.now();
  const report = await pushFeatures(gateway.deps, { ...SHARING, lines: ndjsonLines(chunks(ndjson)) });
  const rate = perSecond(performance.now() - started);
  if (report.accepted !== FEATURES) throw new Error(`not all accepted: ${JSON.stringify(report.refused[0])}`);
  return rate;
}

/** One COPY, committed durably. */
async function timeCopy(owner: pg.Client, rows: Buffer): Promise<number> {
  const started = performance.now();
  const copy = owner.query(copyFrom('COPY feature_like FROM STDIN'));
  copy.end(rows);
  await once(copy, 'finish');
  return perSecond(performance.now() - started);
}

async function rowsAfter(owner: pg.Client, batch: number): Promise<Buffer> {
  const out = owner.query(copyTo(`COPY (SELECT * FROM feature WHERE batch > ${batch}) TO STDOUT`));
  const rows: Buffer[] = [];
  for await (const row of out as AsyncIterable<Buffer>) rows.push(row);
  return Buffer.concat(rows);
}

async function lastBatch(owner: pg.Client): Promise<number> {
  const { rows } = await owner.query<{ no: string }>('SELECT max(no) AS no FROM feature_batch');
  return Number(rows[0]?.no);
}

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    yield await Promise.resolve(bytes.subarray(at, at + CHUNK));
  }
}

/** What an anti-fraud desk pushes: mostly domains and addresses of pages, a fifth of it personal. */
function linesOf(run: number): Buffer {
  const lines = Array.from({ length: FEATURES }, (_, n) => JSON.stringify(featureAt(run, n)));
  return Buffer.from(`${lines.join('\n')}\n`);
}

function featureAt(run: number, n: number): object {
  const about = {
    confidence: 40 + (n % 60),
    lastSeen: '2026-03-01T08:00:00+08:00',
    context: { offences: ['CL-193'], chain: 'info', behaviour: ['MEDIA_LEADGEN'] },
    source: 'bench',
  };
  const serial = String(run * 1_000_000 + n).padStart(8, '0');
  if (n % 10 === 0) return { type: 'phone', value: `154${serial}`, ...about };
  if (n % 10 === 1) return { type: 'bank-card', value: card(`620000${serial}`), ...about };
  if (n % 5 === 2) return { type: 'url', value: `https://loan-${run}-${n}.example.com/apply`, ...about };
  if (n % 5 === 3) return { type: 'device-fingerprint', value: `dev-${run}-${serial}`, ...about };
  return { type: 'domain', value: `loan-${run}-${n}.example.com`, ...about };
}

function card(body: string): string {
  const last = Array.from('0123456789').find((digit) => passesLuhn(body + digit)) ?? '';
  return body + last;
}

function perSecond(ms: number): number {
  return FEATURES / (ms / 1000);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
