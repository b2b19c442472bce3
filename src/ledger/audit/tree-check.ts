/** The tree layer: recomputes every hash tile and the root from the roots of the leaves' tiles. */
import { foldPerfect } from '../tree/fold.ts';
import { Frontier, HASH_BYTES } from '../tree/merkle.ts';
import { TILE_HEIGHT, TILE_WIDTH, tileAt } from '../tree/tiles.ts';
import type { ExportFiles } from './export-files.ts';
import type { Findings } from './report.ts';

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

interface Level {
  /** Of the tile that is being filled. */
  readonly computed: Buffer;
  stored: Buffer | undefined;
}

/** Holds one tile a level: memory grows with the logarithm of the log. */
export class TreeCheck {
  readonly #files: ExportFiles;
  readonly #size: number;
  readonly #findings: Findings;
  readonly #frontier = new Frontier();
  readonly #levels: Level[] = [];

  constructor(files: ExportFiles, size: number, findings: Findings) {
    this.#files = files;
    this.#size = size;
    this.#findings = findings;
  }

  /** Root of the next whole tile of leaves, in order. */
  addTile(root: Buffer): void {
    const index = this.#frontier.size / TILE_WIDTH;
    this.#frontier.appendSubtree(TILE_HEIGHT, root);
    this.#compare(1, index, root);
  }

  /** Leaf hashes of the last tile, whole or not. */
  addEdge(leaves: Buffer): void {
    if (leaves.length === TILE_BYTES) this.addTile(foldPerfect(leaves));
    else for (const leaf of hashesOf(leaves)) this.#frontier.append(leaf);
  }

  root(): Buffer {
    return this.#frontier.root();
  }

  /** The root as it would be with one more tile. */
  rootWith(leaves: Buffer): Buffer {
    const grown = new Frontier(this.#frontier.size, this.#frontier.bytes());
    for (const leaf of hashesOf(leaves)) grown.append(leaf);
    return grown.root();
  }

  /** `hash` is number `index` of its level. */
  #compare(level: number, index: number, hash: Buffer): void {
    const at = index % TILE_WIDTH;
    const state = (this.#levels[level - 1] ??= { computed: Buffer.alloc(TILE_BYTES), stored: undefined });
    if (at === 0) {
      const tile = tileAt(level, Math.floor(index / TILE_WIDTH), this.#size);
      state.stored = tile && this.#files.tile(tile);
    }
    hash.copy(state.computed, at * HASH_BYTES);
    if (state.stored?.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES).equals(hash) !== true) {
      const message = `hash ${index} of tile level ${level} is not that of the tree below it`;
      this.#findings.add({ class: 'tile-mismatch', index: index * TILE_WIDTH ** level, message });
    }
    if (at === TILE_WIDTH - 1) {
      this.#compare(level + 1, Math.floor(index / TILE_WIDTH), foldPerfect(state.computed));
    }
  }
}

export function hashesOf(tile: Buffer): Buffer[] {
  return Array.from({ length: tile.length / HASH_BYTES }, (_, i) =>
    Buffer.from(tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)),
  );
}
