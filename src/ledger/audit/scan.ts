/** One pass over an exported log: every entry, tile and hash, in constant memory. */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { readEntry, type EntryFields } from '../entry-grammar.ts';
import { HASH_BYTES } from '../tree/merkle.ts';
import { tilesOfLevel, TILE_WIDTH, type Tile } from '../tree/tiles.ts';
import { ChainCheck, disagrees, type ChainRules, type SeenEntry } from './chain-check.ts';
import type { ExportFiles } from './export-files.ts';
import type { Findings } from './report.ts';
import { Sm3Check, Sm3Collector, type Sm3Summary } from './sm3-check.ts';
import { TreeCheck } from './tree-check.ts';

export interface ScanInput {
  readonly files: ExportFiles;
  readonly size: number;
  readonly root: Buffer;
  readonly rules: ChainRules;
  readonly findings: Findings;
  /** Recompute the SM3 tree too. */
  readonly sm3: boolean;
  readonly onEntry: (entry: SeenEntry) => void;
  readonly onProgress: (done: number) => void;
}

const BREATHE_TILES = 64;

export interface ScanResult extends Sm3Summary {
  /** Of the last entry, if it can be read. */
  readonly lastEntryAt: string | undefined;
}

export async function scanLog(input: ScanInput): Promise<ScanResult> {
  const scan = new Scan(input);
  for (const tile of tilesOfLevel('entries', input.size)) {
    if (!scan.bundle(tile)) break;
    if (tile.index % BREATHE_TILES !== 0) continue;
    input.onProgress(tile.index * TILE_WIDTH + tile.width);
    await breathe();
  }
  input.onProgress(input.size);
  return scan.end();
}

/** Every entry that can be read, without judging it. */
export function* readLog(files: ExportFiles, size: number): Generator<SeenEntry> {
  for (const tile of tilesOfLevel('entries', size)) {
    const bundle = files.tileOrPart(tile);
    let offset = 0;
    for (let at = 0; at < tile.width; at++) {
      const end = endOfEntry(bundle, offset);
      if (end === undefined) break;
      yield readSeen(bundle, { offset, end, index: tile.index * TILE_WIDTH + at, claims: '', at });
      offset = end;
    }
  }
}

class Scan {
  readonly #input: ScanInput;
  readonly #chain: ChainCheck;
  readonly #tree: TreeCheck;
  /** Leaves of the tile before: its last one may still be corrected by the entry that follows. */
  #held: Buffer | undefined;
  #last: SeenEntry | undefined;
  #lastTime: string | undefined;
  #isStopped = false;
  readonly #sm3: Sm3Check;
  #range = new Sm3Collector();

  constructor(input: ScanInput) {
    this.#input = input;
    this.#chain = new ChainCheck(input.rules, input.findings);
    this.#tree = new TreeCheck(input.files, input.size, input.findings);
    this.#sm3 = new Sm3Check(input.findings);
  }

  /** Returns false at the end of what is there: a hostile checkpoint may claim any size. */
  bundle(tile: Tile): boolean {
    const start = tile.index * TILE_WIDTH;
    const bundle = this.#input.files.tileOrPart(tile);
    const hashes = this.#input.files.tileOrPart({ ...tile, level: 0 });
    if (bundle.length === 0 && hashes.length === 0) return this.#stop(start);
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
      if (this.#input.sm3) this.#range.see(entry, bundle.subarray(offset + 1, end));
      offset = end;
      // A tile that is not there is made up from the entries.
      if (entry.claimed === undefined) leaves.write(entry.leaf, i * HASH_BYTES, 'hex');
      this.#see(entry, leaves);
    }
    if (offset < bundle.length) {
      const message = 'entry bundle has bytes behind its last entry';
      this.#input.findings.add({ class: 'tile-mismatch', index: start, message });
    }
    this.#sm3.join(this.#range.end());
    this.#range = new Sm3Collector();
    this.#flush();
    this.#held = leaves;
    return true;
  }

  end(): ScanResult {
    const { findings, root } = this.#input;
    const wasTileWrong = this.#isLastTileWrong(root);
    if (wasTileWrong && this.#last !== undefined && this.#held !== undefined)
      this.#correct(this.#last, this.#held);
    this.#chain.end(wasTileWrong);
    this.#flush();
    if (!this.#isStopped && !this.#tree.root().equals(root)) {
      findings.add({ class: 'root-mismatch', message: 'the entries do not add up to the signed root' });
    }
    return { lastEntryAt: this.#lastTime, ...this.#sm3.summary(this.#input.size) };
  }

  /** The last entry has no follower to witness for it: the signed root does. */
  #isLastTileWrong(root: Buffer): boolean {
    if (this.#held === undefined || this.#last === undefined || !disagrees(this.#last)) return false;
    const corrected = Buffer.from(this.#held);
    this.#correct(this.#last, corrected);
    return this.#tree.rootWith(corrected).equals(root);
  }

  #see(entry: SeenEntry, leaves: Buffer): void {
    const wasTileWrong = this.#chain.see(entry);
    if (wasTileWrong && this.#last !== undefined) {
      this.#correct(this.#last, entry.index % TILE_WIDTH === 0 ? (this.#held ?? leaves) : leaves);
    }
    this.#last = entry;
    this.#lastTime = entry.fields?.at;
    this.#input.onEntry(entry);
  }

  /** Puts the entry's own hash in the place of the tile's. */
  #correct(entry: SeenEntry, leaves: Buffer): void {
    leaves.write(entry.leaf, (entry.index % TILE_WIDTH) * HASH_BYTES, 'hex');
  }

  #stop(index: number): false {
    this.#missing(index);
    this.#isStopped = true;
    return false;
  }

  #missing(index: number): void {
    this.#chain.skip();
    this.#range.break();
    this.#last = undefined;
    this.#lastTime = undefined;
    this.#input.findings.add({ class: 'gap', index, message: 'the entry is not in the export' });
  }

  #reportTile(tile: Tile, length: number): void {
    const index = tile.index * TILE_WIDTH + Math.min(tile.width, Math.floor(length / HASH_BYTES));
    const message = `level-0 tile ${tile.index} has ${length} bytes, expected ${tile.width * HASH_BYTES}`;
    this.#input.findings.add({ class: 'tile-mismatch', index, message });
  }

  #flush(): void {
    if (this.#held !== undefined) this.#tree.add(this.#held);
    this.#held = undefined;
  }
}

interface EntrySpan {
  readonly offset: number;
  readonly end: number;
  readonly index: number;
  /** Hex hashes of the level-0 tile. */
  readonly claims: string;
  readonly at: number;
}

const HEX_LENGTH = 2 * HASH_BYTES;

/** Untrusted bytes. Overwrites the length's low byte with 0x00, the leaf prefix, to hash in place. */
function readSeen(bundle: Buffer, span: EntrySpan): SeenEntry {
  const bytes = bundle.subarray(span.offset + 2, span.end);
  const fields: EntryFields | undefined = isUtf8(bytes) ? readEntry(bytes.toString('latin1')) : undefined;
  bundle[span.offset + 1] = 0;
  const leaf = hash('sha256', bundle.subarray(span.offset + 1, span.end));
  const from = span.at * HEX_LENGTH;
  if (span.claims.startsWith(leaf, from)) return { index: span.index, leaf, claimed: leaf, fields };
  const claimed = span.claims.slice(from, from + HEX_LENGTH);
  return { index: span.index, leaf, claimed: claimed.length === HEX_LENGTH ? claimed : undefined, fields };
}

function endOfEntry(bundle: Buffer, offset: number): number | undefined {
  if (offset + 2 > bundle.length) return undefined;
  const end = offset + 2 + bundle.readUInt16BE(offset);
  return end <= bundle.length ? end : undefined;
}
