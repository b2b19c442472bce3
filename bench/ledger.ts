/**
 * The ledger's speed: 64 appenders that each wait for a durable entry with its inclusion proof, against 64 connections
 * that each INSERT one row of the same size and commit durably. Both run as processes of their own on the same
 * PostgreSQL; rounds alternate and the medians count. The series measures the same load on a log of 10^4 to 10^6 entries.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import { provisionDatabase } from '../src/storage/provision-database.ts';
import type { LoadCommand, LoadRun } from './ledger/load.ts';
import type { BenchResult } from './main.ts';

const ROUNDS = 5;
/** Entries a round; also of the first, which warms up and does not count. */
const ENTRIES = 8000;
const SERIES = [1e4, 1e5, 1e6];
const QUICK_SERIES = [1e4, 1e5];
const SERIES_ROUNDS = 3;

export interface SeriesPoint {
  /** Size of the log when the measurement began. */
  readonly entries: number;
  readonly perSecond: number;
  readonly p95: number;
  /** INSERTs a second in the same minutes: what the machine gave. */
  readonly baseline: number;
}

export interface LedgerResult extends BenchResult {
  /** Milliseconds. */
  readonly p95: number;
  readonly baselineP95: number;
  /** The same with a transaction for each act; `ours` is `Ledger.record`, where acts that come together share one. */
  readonly ownTransaction: { readonly perSecond: number; readonly ratio: number; readonly p95: number };
  readonly series: readonly SeriesPoint[];
}

/** `--quick` ends the series at 10^5 entries. */
export async function benchLedger(): Promise<LedgerResult> {
  const cluster = await startEmbeddedPostgres();
  const children: ChildProcess[] = [];
  try {
    const { url } = await provisionDatabase(cluster, 'bench');
    const [ours, baseline] = [startLoad('appenders', url), startLoad('inserts', cluster.url())];
    children.push(ours, baseline);
    const series: SeriesPoint[] = [];
    const [first, second, ...later] = process.argv.includes('--quick') ? QUICK_SERIES : SERIES;
    for (const entries of [first!, second!]) series.push(await pointAt(entries, { ours, baseline }));
    const rounds = await alternate({ ours, baseline }, ROUNDS);
    const own = await alternate({ ours, baseline }, ROUNDS, true);
    const ownTransaction = { perSecond: own.ours, ratio: own.ours / own.baseline, p95: own.p95 };
    for (const entries of later) series.push(await pointAt(entries, { ours, baseline }));
    const ratio = rounds.ours / rounds.baseline;
    return { name: 'ledger', ...rounds, ratio, unit: 'entries/s', ownTransaction, series };
  } finally {
    for (const child of children) child.kill();
    await cluster.stop();
  }
}

interface Loads {
  readonly ours: ChildProcess;
  readonly baseline: ChildProcess;
}

async function pointAt(entries: number, loads: Loads): Promise<SeriesPoint> {
  const { perSecond } = await ask(loads.ours, { grow: entries });
  process.stderr.write(`ledger of ${entries} entries, filled with ${perSecond.toFixed(0)} entries/s\n`);
  const { ours, baseline, p95 } = await alternate(loads, SERIES_ROUNDS);
  return { entries, perSecond: ours, p95, baseline };
}

interface Rounds {
  readonly ours: number;
  readonly baseline: number;
  readonly p95: number;
  readonly baselineP95: number;
}

async function alternate(loads: Loads, rounds: number, own = false): Promise<Rounds> {
  const runs = { ours: [] as LoadRun[], baseline: [] as LoadRun[] };
  for (let round = 0; round <= rounds; round += 1) {
    const ours = await ask(loads.ours, { measure: ENTRIES, own });
    const baseline = await ask(loads.baseline, { measure: ENTRIES });
    if (round === 0) continue;
    runs.ours.push(ours);
    runs.baseline.push(baseline);
    process.stderr.write(
      `ledger ${round}/${rounds}: ${ours.perSecond.toFixed(0)} against ${baseline.perSecond.toFixed(0)} entries/s, ` +
        `p95 ${ours.p95.toFixed(0)} against ${baseline.p95.toFixed(0)} ms\n`,
    );
  }
  return {
    ours: median(runs.ours, 'perSecond'),
    baseline: median(runs.baseline, 'perSecond'),
    p95: median(runs.ours, 'p95'),
    baselineP95: median(runs.baseline, 'p95'),
  };
}

function startLoad(name: string, url: string): ChildProcess {
  const file = fileURLToPath(new URL(`./ledger/${name}.ts`, import.meta.url));
  return fork(file, [url], { execArgv: ['--import', 'tsx'] });
}

async function ask(child: ChildProcess, command: LoadCommand): Promise<LoadRun> {
  const ended = new AbortController();
  const exit = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('a load process ended');
  });
  exit.catch(() => undefined);
  child.send(command);
  const [run] = (await Promise.race([once(child, 'message', { signal: ended.signal }), exit])) as [LoadRun];
  ended.abort();
  return run;
}

function median(runs: readonly LoadRun[], name: keyof LoadRun): number {
  return runs.map((run) => run[name]).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? NaN;
}
