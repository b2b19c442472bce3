/** One pass over a range of an exported log: every entry, tile and hash. Ranges are scanned in any order, anywhere. */
import { foldPerfect } from '../tree/fold.ts';
import { HASH_BYTES } from '../tree/merkle.ts';
import { TILE_WIDTH, tileAt, type Tile } from '../tree/tiles.ts';
import { ChainCheck, LOG_START, type ChainState } from './chain-check.ts';
import { ClaimCheck, type MatchedLedger } from './claims.ts';
import { ExportFiles } from './export-files.ts';
import { Findings } from './report.ts';
import { disagrees, endOfEntry, readOne, readSeen, type SeenEntry } from './seen-entry.ts';
import { Sm3Collector } from './sm3-check.ts';
import type { AuditPlan, RangeResult, RangeTask } from './range.ts';

export class RangeScanner {
  readonly #plan: AuditPlan;
  readonly #ledgers: readonly MatchedLedger[];

  constructor(plan: AuditPlan) {
    this.#plan = plan;
    this.#ledgers = plan.ledgers.map((ledger) => ({ ...ledger, files: new ExportFiles(ledger.directory) }));
  }

  /**
   * Undefined when the range cannot be judged before the range before it: their seam is in dispute, and who is right
   * hangs on what came before. No honest log has such a place.
   */
  scan(task: RangeTask): RangeResult | undefined {
    const ledger = this.#ledgers[task.ledger];
    if (ledger === undefined) throw new Error(`no ledger ${task.ledger}`);
    const from = task.from ?? stateBefore(ledger, task.start);
    if (from === undefined) return undefined;
    const claims = new ClaimCheck(this.#ledgers, task.ledger);
    const scan = new RangeScan({ plan: this.#plan, ledger, task, from, claims });
    for (let at = task.start; at < task.end; at += TILE_WIDTH) if (!scan.bundle(at)) break;
    return scan.end();
  }
}

/** Whether an entry is sound matters only where it disagrees with its tile. */
function stateBefore({ files, size }: MatchedLedger, start: number): ChainState | undefined {
  if (start === 0) return LOG_START;
  const before = readOne(files, start - 1, size);
  if (before?.fields !== undefined && disagrees(before)) return undefined;
  return { before, isSound: false };
}

interface RangeInput {
  readonly plan: AuditPlan;
  readonly ledger: MatchedLedger;
  readonly task: RangeTask;
  readonly from: ChainState;
  readonly claims: ClaimCheck;
}

class RangeScan {
  readonly #input: RangeInput;
  readonly #findings = new Findings();
  readonly #chain: ChainCheck;
  readonly #sm3: Sm3Collector | undefined;
  readonly #tiles: Buffer[] = [];
  /** Leaves of the tile before: its last one may still be corrected by the entry that follows. */
  #held: Buffer | undefined;
  #last: SeenEntry | undefined;
  #lastTime: string | undefined;
  #isStopped = false;

  constructor(input: RangeInput) {
    this.#input = input;
    const { registryDigests } = input.plan;
    const rules = { member: input.plan.ledgers[input.task.ledger]?.trustedMember, registryDigests };
    this.#chain = new ChainCheck(rules, this.#findings, input.from);
    this.#sm3 = input.plan.sm3 ? new Sm3Collector() : undefined;
  }

  /** Returns false at the end of what is there: a hostile checkpoint may claim any size. */
  bundle(start: number): boolean {
    const { files, size } = this.#input.ledger;
    const tile = tileAt('entries', start / TILE_WIDTH, size);
    const bundle = tile && files.tileOrPart(tile);
    const hashes = tile && files.tileOrPart({ ...tile, level: 0 });
    if (!tile || !bundle || !hashes || bundle.length + hashes.length === 0) return this.#stop(start);
    const claims = hashes.toString('hex');
    const leaves = Buffer.alloc(tile.width * HASH_BYTES);
    hashes.copy(leaves);
    if (hashes.length !== leaves.length) this.#reportTile(tile, hashes.length);
    let offset = 0;
    for (let i = 0; i < tile.width; i++) {
      const end = endOfEntry(bundle, offset);
      if (end === undefined) {
        this.#missing(start + i);
        offset = bundle.length;
        continue;
      }
      const entry = readSeen(bundle, { offset, end, index: start + i, claims, at: i });
      this.#sm3?.see(entry, bundle.subarray(offset + 1, end));
      offset = end;
      // A tile that is not there is made up from the entries.
      if (entry.claimed === undefined) leaves.write(entry.leaf, i * HASH_BYTES, 'hex');
      this.#see(entry, leaves);
    }
    if (offset < bundle.length) {
      const message = 'entry bundle has bytes behind its last entry';
      this.#findings.add({ class: 'tile-mismatch', index: start, message });
    }
    this.#flush();
    this.#held = leaves;
    return true;
  }

  end(): RangeResult {
    const { task, ledger, claims } = this.#input;
    const isLast = task.end === ledger.size && !this.#isStopped;
    if (!isLast) this.#hearSuccessor();
    const edge = isLast ? this.#held : undefined;
    if (!isLast) this.#flush();
    return {
      failures: this.#findings.list(),
      state: this.#chain.state,
      pairs: this.#chain.pairs(),
      tiles: Buffer.concat(this.#tiles),
      edge,
      lastEntryAt: this.#lastTime,
      isStopped: this.#isStopped,
      sm3: this.#sm3?.end(),
      claims: claims.end(),
    };
  }

  /** The first entry of the next range may testify for the last of this one; that range names the failure. */
  #hearSuccessor(): void {
    const { ledger, task } = this.#input;
    if (this.#last === undefined || this.#held === undefined || !disagrees(this.#last)) return;
    const next = readOne(ledger.files, task.end, ledger.size);
    if (next?.fields !== undefined && this.#chain.isTileWrong(next.fields.prev))
      correct(this.#last, this.#held);
  }

  #see(entry: SeenEntry, leaves: Buffer): void {
    const wasTileWrong = this.#chain.see(entry);
    if (wasTileWrong && this.#last !== undefined) {
      correct(this.#last, entry.index % TILE_WIDTH === 0 ? (this.#held ?? leaves) : leaves);
    }
    this.#last = entry;
    this.#lastTime = entry.fields?.at;
    this.#input.claims.see(entry);
  }

  #stop(index: number): false {
    this.#missing(index);
    this.#isStopped = true;
    return false;
  }

  #missing(index: number): void {
    this.#chain.skip();
    this.#sm3?.break();
    this.#last = undefined;
    this.#lastTime = undefined;
    this.#findings.add({ class: 'gap', index, message: 'the entry is not in the export' });
  }

  #reportTile(tile: Tile, length: number): void {
    const index = tile.index * TILE_WIDTH + Math.min(tile.width, Math.floor(length / HASH_BYTES));
    const message = `level-0 tile ${tile.index} has ${length} bytes, expected ${tile.width * HASH_BYTES}`;
    this.#findings.add({ class: 'tile-mismatch', index, message });
  }

  #flush(): void {
    // A copy: the fold's 32 bytes would keep its 8 KiB.
    if (this.#held !== undefined) this.#tiles.push(Buffer.from(foldPerfect(this.#held)));
    this.#held = undefined;
  }
}

/** Puts the entry's own hash in the place of the tile's. */
function correct(entry: SeenEntry, leaves: Buffer): void {
  leaves.write(entry.leaf, (entry.index % TILE_WIDTH) * HASH_BYTES, 'hex');
}
