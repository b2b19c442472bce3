/** Offline verification against bare hashing of the same bytes: on one core, on two, and with the SM3 tree. */
import { createHash, hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointText } from '../src/ledger/notes/checkpoint.ts';
import { completeEntry, ZERO_HASH, type EntryDraft } from '../src/ledger/entry.ts';
import { exportLedger } from '../src/ledger/serving/export.ts';
import { createLedgerKey, readLedgerKey, signNote } from '../src/ledger/notes/note.ts';
import { withLength, type LedgerSource } from '../src/ledger/serving/source.ts';
import { EMPTY_ROOT, Frontier, leafHash, type TreeNode } from '../src/ledger/tree/merkle.ts';
import { readTilePath, TILE_HEIGHT, TILE_WIDTH } from '../src/ledger/tree/tiles.ts';
import { verifyLedgers } from '../src/ledger/verify.ts';

export interface BenchResult {
  readonly name: string;
  readonly ours: number;
  readonly baseline: number;
  readonly ratio: number;
  readonly unit: string;
}

export interface VerifyResult extends BenchResult {
  /** Entries a second in two threads; `ours` is one. */
  readonly twoCores: number;
  /** twoCores ÷ ours. */
  readonly speedup: number;
  /** Entries a second in one thread with the SM3 tree, and in two. */
  readonly withSm3: number;
  readonly withSm3TwoCores: number;
}

const ENTRIES = 600_000;
const RUNS = 3;
const ORIGIN = 'bench.example/ledger';
const MEMBER = 'bench';
const PEERS = 8;
/** Threads, and whether with the SM3 tree. */
const AUDITS = {
  ours: [1, false],
  twoCores: [2, false],
  withSm3: [1, true],
  withSm3TwoCores: [2, true],
} as const;
/** Threads run the compiled program, as they do outside of benches. */
const COMPILED = new URL('../dist/src/ledger/audit/threads/range-worker.js', import.meta.url);

/** Median of interleaved runs, in entries a second. */
export async function benchVerify(): Promise<VerifyResult> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-bench-'));
  try {
    const log = makeLog();
    await exportLedger(log.source, directory);
    const trust = {
      ledgers: [{ member: MEMBER, origin: ORIGIN, vkeys: [{ vkey: log.vkey }] }],
      registryDigests: new Map([[7, digestOf('registry')]]),
    };
    const audit = async (threads: number, sm3: boolean): Promise<number> => {
      const started = performance.now();
      const report = await verifyLedgers([directory], trust, { threads, sm3, tuning: { worker: COMPILED } });
      if (!report.ok) throw new Error(`the synthetic ledger does not verify: ${JSON.stringify(report)}`);
      return rate(performance.now() - started);
    };
    const runs: Record<'baseline' | keyof typeof AUDITS, number[]> = {
      ...{ baseline: [], ours: [], twoCores: [], withSm3: [], withSm3TwoCores: [] },
    };
    for (let run = 0; run < RUNS; run++) {
      runs.baseline.push(rate(hashOneByOne(log.bodies)));
      for (const [name, [threads, sm3]] of Object.entries(AUDITS)) {
        runs[name as keyof typeof AUDITS].push(await audit(threads, sm3));
      }
    }
    const [ours, baseline, twoCores] = [median(runs.ours), median(runs.baseline), median(runs.twoCores)];
    return {
      ...{ name: 'ledger verify', ours, baseline, ratio: ours / baseline, unit: 'entries/s' },
      ...{ twoCores, speedup: twoCores / ours },
      ...{ withSm3: median(runs.withSm3), withSm3TwoCores: median(runs.withSm3TwoCores) },
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

interface SyntheticLog {
  readonly source: LedgerSource;
  readonly bodies: readonly Buffer[];
  readonly vkey: string;
}

/** A log of the shape live traffic makes, built by the code that builds live ones, held in memory. */
function makeLog(): SyntheticLog {
  const key = readLedgerKey(createLedgerKey(ORIGIN).privateKey);
  const frontier = new Frontier();
  const levels: Buffer[][] = [];
  const bodies: Buffer[] = [];
  const pairs = new Map<string, { n: number; prev: string }>();
  let prev = ZERO_HASH;
  for (let seq = 0; seq < ENTRIES; seq++) {
    const draft = draftOf(seq);
    const name = `${draft.pair?.dir} ${draft.pair?.peer}`;
    const { n, prev: pairPrev } = pairs.get(name) ?? { n: 0, prev: ZERO_HASH };
    const body = completeEntry(draft, { seq, prev, pair: { n: n + 1, prev: pairPrev } });
    const leaf = leafHash(body);
    keep(levels, frontier.append(leaf));
    bodies.push(Buffer.from(body));
    prev = leaf.toString('hex');
    pairs.set(name, { n: n + 1, prev });
  }
  const note = signNote(checkpointText({ origin: ORIGIN, size: ENTRIES, root: frontier.root() }), key);
  return { source: memorySource({ note, bodies, levels }), bodies, vkey: key.vkey };
}

function keep(levels: Buffer[][], nodes: readonly TreeNode[]): void {
  for (const node of nodes) {
    if (node.level % TILE_HEIGHT === 0) (levels[node.level / TILE_HEIGHT] ??= [])[node.index] = node.hash;
  }
}

function memorySource(log: { note: string; bodies: Buffer[]; levels: Buffer[][] }): LedgerSource {
  return {
    checkpoint: () => Promise.resolve(Buffer.from(log.note)),
    tile: (path) => {
      const tile = readTilePath(path);
      if (tile === undefined) return Promise.resolve(undefined);
      const start = tile.index * TILE_WIDTH;
      const parts =
        tile.level === 'entries'
          ? log.bodies.slice(start, start + tile.width).map((body) => withLength(body.toString()))
          : (log.levels[tile.level] ?? []).slice(start, start + tile.width);
      return Promise.resolve(Buffer.concat(parts));
    },
  };
}

function draftOf(seq: number): EntryDraft {
  const peer = `peer-${seq % PEERS}`;
  const id = `01a2065b-0000-7000-8000-${String(seq).padStart(12, '0')}`;
  return {
    id,
    at: '2026-11-23T02:28:00.000Z',
    kind: seq % 3 === 0 ? 'message.acknowledged' : 'message.accepted',
    member: MEMBER,
    peer,
    group: 'anti-fraud',
    purpose: 'fraud-prevention',
    basis: ['反洗钱法 7'],
    grant: 'grant-push',
    registry: { serial: 7, sha256: digestOf('registry') },
    subject: { type: 'envelope', id, sha256: digestOf(id), size: 2048 },
    token: digestOf(`token ${id}`),
    pair: { peer, dir: seq % 3 === 0 ? 'out' : 'in' },
    mid: id,
    counter: {
      origin: `${peer}.example/ledger`,
      index: seq,
      leaf: digestOf(peer),
      size: seq + 1,
      root: EMPTY_HEX,
    },
    actor: 'gateway',
  };
}

const EMPTY_HEX = EMPTY_ROOT.toString('hex');

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hashOneByOne(bodies: readonly Buffer[]): number {
  const started = performance.now();
  for (const body of bodies) hash('sha256', body);
  return performance.now() - started;
}

function rate(milliseconds: number): number {
  return (ENTRIES / milliseconds) * 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
