/** Roots from the hash tiles that a log serves right now, whatever a copy holds of it. */
import type { LedgerSource } from '../serving/source.ts';
import { foldPerfect } from '../tree/fold.ts';
import { foldSubtrees, HASH_BYTES, perfectSubtrees, type Subtree } from '../tree/merkle.ts';
import { TILE_HEIGHT, TILE_WIDTH, tileAt, tilePath } from '../tree/tiles.ts';

/** Root that a log of `size` had at `past`; undefined when a tile is missing. Fetches one tile for each subtree. */
export async function servedRoot(
  source: LedgerSource,
  past: number,
  size: number,
): Promise<Buffer | undefined> {
  const hashes: Buffer[] = [];
  for (const subtree of perfectSubtrees(0, past)) {
    const hash = await servedHash(source, subtree, size);
    if (hash === undefined) return undefined;
    hashes.push(hash);
  }
  return foldSubtrees(hashes);
}

async function servedHash(source: LedgerSource, subtree: Subtree, size: number): Promise<Buffer | undefined> {
  const width = 2 ** (subtree.level % TILE_HEIGHT);
  const start = subtree.index * width;
  const tile = tileAt(Math.floor(subtree.level / TILE_HEIGHT), Math.floor(start / TILE_WIDTH), size);
  const bytes = tile && (await source.tile(tilePath(tile)));
  const from = (start % TILE_WIDTH) * HASH_BYTES;
  const run = bytes?.subarray(from, from + width * HASH_BYTES);
  return run?.length === width * HASH_BYTES ? foldPerfect(run) : undefined;
}
