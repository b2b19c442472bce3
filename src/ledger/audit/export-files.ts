/** Reads an export's files: its checkpoint, whole tiles in sequence, single entries and subtree roots at random. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldPerfect } from '../tree/fold.ts';
import { foldSubtrees, HASH_BYTES, perfectSubtrees, type Subtree } from '../tree/merkle.ts';
import { CHECKPOINT_PATH, TILE_HEIGHT, TILE_WIDTH, tileAt, tilePath, type Tile } from '../tree/tiles.ts';

/** At most 64 × (256 × 8 KiB) bytes. */
const KEPT_TILES = 64;

/** Files are read synchronously: an audit is one long computation, and the pool's hops would cost more than it. */
export class ExportFiles {
  readonly #directory: string;
  readonly #kept = new Map<string, Buffer | undefined>();
  readonly #roots = new Map<number, string | undefined>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Throws when it cannot be read. */
  checkpoint(): string {
    return readFileSync(join(this.#directory, CHECKPOINT_PATH), 'utf8');
  }

  /** A fresh buffer the caller may write to; undefined when there is no such file. Throws when it is unreadable. */
  tile(tile: Tile): Buffer | undefined {
    const file = join(this.#directory, tilePath(tile));
    return existsSync(file) ? readFileSync(file) : undefined;
  }

  /** The tile, or the widest part of it that is there: what is missing is then named by its index. */
  tileOrPart(tile: Tile): Buffer {
    for (let width = tile.width; width > 0; width--) {
      const bytes = this.tile({ ...tile, width });
      if (bytes !== undefined) return bytes;
    }
    return Buffer.alloc(0);
  }

  /** Bytes of one entry of a log of `size`. */
  entry(index: number, size: number): Buffer | undefined {
    const bundle = this.#keptTile('entries', Math.floor(index / TILE_WIDTH), size);
    if (bundle === undefined) return undefined;
    let offset = 0;
    for (let skip = index % TILE_WIDTH; ; skip--) {
      if (offset + 2 > bundle.length) return undefined;
      const end = offset + 2 + bundle.readUInt16BE(offset);
      if (end > bundle.length) return undefined;
      if (skip === 0) return bundle.subarray(offset + 2, end);
      offset = end;
    }
  }

  /** Root that a log of `size` had at `past`, hex, from its tiles. */
  rootAt(past: number, size: number): string | undefined {
    if (!this.#roots.has(past)) {
      forgetOldest(this.#roots);
      this.#roots.set(past, this.#computeRoot(past, size));
    }
    return this.#roots.get(past);
  }

  #computeRoot(past: number, size: number): string | undefined {
    const hashes: Buffer[] = [];
    for (const subtree of perfectSubtrees(0, past)) {
      const hash = this.subtree(subtree, size);
      if (hash === undefined) return undefined;
      hashes.push(hash);
    }
    return foldSubtrees(hashes).toString('hex');
  }

  /** Hash of a perfect subtree of a log of `size`, from its tiles. */
  subtree(subtree: Subtree, size: number): Buffer | undefined {
    const level = Math.floor(subtree.level / TILE_HEIGHT);
    const width = 2 ** (subtree.level % TILE_HEIGHT);
    const start = subtree.index * width;
    const tile = this.#keptTile(level, Math.floor(start / TILE_WIDTH), size);
    const from = (start % TILE_WIDTH) * HASH_BYTES;
    const bytes = tile?.subarray(from, from + width * HASH_BYTES);
    return bytes?.length === width * HASH_BYTES ? foldPerfect(bytes) : undefined;
  }

  #keptTile(level: Tile['level'], index: number, size: number): Buffer | undefined {
    const name = `${level}/${index}`;
    if (!this.#kept.has(name)) {
      const tile = tileAt(level, index, size);
      forgetOldest(this.#kept);
      this.#kept.set(name, tile && this.tile(tile));
    }
    return this.#kept.get(name);
  }
}

function forgetOldest(kept: Map<unknown, unknown>): void {
  if (kept.size < KEPT_TILES) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}
