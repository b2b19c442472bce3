/** Puts the ranges of one log together, in their order: seams, pair counters, tiles, root and SM3 tree. */
import { judgeLast, LOG_START, type ChainState } from './chain-check.ts';
import { disagrees } from './seen-entry.ts';
import type { ExportFiles } from './export-files.ts';
import { PairJoin } from './pair-check.ts';
import type { RangeResult } from './range.ts';
import { Findings, type Failure } from './report.ts';
import { Sm3Check, type Sm3Summary } from './sm3-check.ts';
import { hashesOf, TreeCheck } from './tree-check.ts';
import { HASH_BYTES } from '../tree/merkle.ts';
import { TILE_WIDTH } from '../tree/tiles.ts';

export interface JoinedLog {
  readonly files: ExportFiles;
  readonly size: number;
  readonly root: Buffer;
}

export class LogJoin {
  readonly findings = new Findings();
  readonly #log: JoinedLog;
  readonly #tree: TreeCheck;
  readonly #pairs = new PairJoin();
  readonly #sm3: Sm3Check;
  #state = LOG_START;
  #edge = Buffer.alloc(0);
  #lastEntryAt: string | undefined;
  #isStopped = false;

  constructor(log: JoinedLog) {
    this.#log = log;
    this.#tree = new TreeCheck(log.files, log.size, this.findings);
    this.#sm3 = new Sm3Check(this.findings);
  }

  /** Behind what was joined so far. */
  get state(): ChainState {
    return this.#state;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Of the last entry, if it can be read. */
  get lastEntryAt(): string | undefined {
    return this.#lastEntryAt;
  }

  join(range: RangeResult): void {
    this.#pairs.join(range.pairs, this.findings);
    for (const failure of range.failures) this.findings.add(failure);
    for (const root of hashesOf(Buffer.from(range.tiles))) this.#tree.addTile(root);
    if (range.sm3 !== undefined) this.#sm3.join(range.sm3);
    if (range.edge !== undefined) this.#edge = Buffer.from(range.edge);
    this.#state = range.state;
    this.#lastEntryAt = range.lastEntryAt;
    this.#isStopped = range.isStopped;
  }

  end(): { failures: Failure[] } & Sm3Summary {
    const { root, size } = this.#log;
    const wasTileWrong = this.#isLastTileWrong();
    judgeLast(this.#state.before, wasTileWrong, this.findings);
    this.#tree.addEdge(wasTileWrong ? this.#corrected() : this.#edge);
    if (!this.#isStopped && !this.#tree.root().equals(root)) {
      const message = 'the entries do not add up to the signed root';
      this.findings.add({ class: 'root-mismatch', message });
    }
    return { failures: this.findings.list(), ...this.#sm3.summary(size) };
  }

  /** The last entry has no follower to witness for it: the signed root does. */
  #isLastTileWrong(): boolean {
    const { before } = this.#state;
    if (this.#edge.length === 0 || before === undefined || !disagrees(before)) return false;
    return this.#tree.rootWith(this.#corrected()).equals(this.#log.root);
  }

  /** With the last entry's own hash in the place of the tile's. */
  #corrected(): Buffer {
    const corrected = Buffer.from(this.#edge);
    const { before } = this.#state;
    if (before !== undefined) corrected.write(before.leaf, (before.index % TILE_WIDTH) * HASH_BYTES, 'hex');
    return corrected;
  }
}
