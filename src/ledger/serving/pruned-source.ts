/** Retention as c2sp.org/tlog-tiles has it: nothing is deleted, tiles wholly below the minimum index are refused. */
import type { LedgerSource } from './source.ts';
import { readTilePath, TILE_WIDTH, type Tile } from '../tree/tiles.ts';

/**
 * Tree, checkpoints and old proofs stay what they are: hashes of what is refused stand in the tiles above it.
 * @param minimumIndex the first entry that is served for certain; at most the log's size
 */
export function prunedSource(source: LedgerSource, minimumIndex: number): LedgerSource {
  return {
    checkpoint: () => source.checkpoint(),
    tile: async (path) => {
      const tile = readTilePath(path);
      return tile === undefined || endOf(tile) <= minimumIndex ? undefined : source.tile(path);
    },
  };
}

/**
 * One behind the last entry below the whole tile. A partial tile that ends below the minimum has long been filled: it
 * must not show what the full one hides.
 */
function endOf({ level, index }: Tile): number {
  return (index + 1) * TILE_WIDTH ** (level === 'entries' ? 1 : level + 1);
}
