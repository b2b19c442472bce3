/** Whether a copy's new tiles are what the new checkpoint signs, and whether they extend what the copy held. */
import type { ExportFiles } from '../audit/export-files.ts';
import type { Checkpoint } from '../notes/checkpoint.ts';
import { foldPerfect } from '../tree/fold.ts';
import { HASH_BYTES, leafHash } from '../tree/merkle.ts';
import { TILE_HEIGHT, TILE_WIDTH, tileAt, tilesOfLevel } from '../tree/tiles.ts';

/** What is wrong, or undefined. Reads the tiles from the old right edge on, and the nodes above them. */
export function growthProblem(
  files: ExportFiles,
  before: Checkpoint | undefined,
  next: Checkpoint,
): string | undefined {
  const from = Math.floor((before?.size ?? 0) / TILE_WIDTH);
  for (let index = from; index * TILE_WIDTH < next.size; index += 1) {
    const why = bundleProblem(files, index, next.size);
    if (why !== undefined) return why;
  }
  const inner = innerProblem(files, from, next.size);
  if (inner !== undefined) return inner;
  if (files.rootAt(next.size, next.size) !== next.root.toString('hex')) {
    return `the tiles have another root than the checkpoint of ${next.size} entries`;
  }
  if (before === undefined || before.size === 0) return undefined;
  if (files.rootAt(before.size, next.size) === before.root.toString('hex')) return undefined;
  return `${next.size} entries that do not extend the ${before.size} shown before`;
}

/** Entries against the leaf hashes of their tile. */
function bundleProblem(files: ExportFiles, index: number, size: number): string | undefined {
  const [entries, leaves] = (['entries', 0] as const).map((level) => {
    const tile = tileAt(level, index, size);
    return tile && files.tile(tile);
  });
  const width = tileAt(0, index, size)?.width ?? 0;
  if (entries === undefined || leaves?.length !== width * HASH_BYTES)
    return `tile ${index} is missing or short; entry bundles need an audit grant`;
  let offset = 0;
  for (let i = 0; i < width; i += 1) {
    const end = offset + 2 <= entries.length ? offset + 2 + entries.readUInt16BE(offset) : Infinity;
    if (end > entries.length) return `entry bundle ${index} is short`;
    const leaf = leaves.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
    if (!leafHash(entries.subarray(offset + 2, end)).equals(leaf)) {
      return `entry ${index * TILE_WIDTH + i} has another leaf hash than its tile`;
    }
    offset = end;
  }
  return offset === entries.length ? undefined : `entry bundle ${index} has bytes behind its last entry`;
}

/** Each full tile against its hash one level up. */
function innerProblem(files: ExportFiles, from: number, size: number): string | undefined {
  for (let level = 0; TILE_WIDTH ** (level + 1) <= size; level += 1) {
    const first = Math.floor(from / TILE_WIDTH ** level);
    for (const tile of tilesOfLevel(level, size)) {
      if (tile.index < first || tile.width < TILE_WIDTH) continue;
      const bytes = files.tile(tile);
      const above = files.subtree({ level: (level + 1) * TILE_HEIGHT, index: tile.index }, size);
      if (bytes === undefined || above === undefined || !foldPerfect(bytes).equals(above)) {
        return `tile ${tile.index} of level ${level} has another hash in the level above`;
      }
    }
  }
  return undefined;
}
