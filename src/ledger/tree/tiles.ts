/** c2sp.org/tlog-tiles: which tiles a log of a size has and under which paths. The only place that knows paths. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;
export const CHECKPOINT_PATH = 'checkpoint';

/** `level` 'entries' is an entry bundle: u16 length ‖ entry, repeated. `width` 1 to 256; 256 is a full tile. */
export interface Tile {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

export function tilePath(tile: Tile): string {
  const groups = String(tile.index).padStart(Math.ceil(String(tile.index).length / 3) * 3, '0');
  const path = groups.replace(/\d{3}(?=\d)/g, 'x$&/');
  return `tile/${tile.level}/${path}${tile.width === TILE_WIDTH ? '' : `.p/${tile.width}`}`;
}

/** Untrusted `path`. Undefined unless it is exactly the path of a tile. */
export function readTilePath(path: string): Tile | undefined {
  const [, level = '', groups = '', partial] =
    /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  };
  // A path that is not spelled the one way (leading zeros, .p/256, level 64) does not come back as itself.
  const inRange = tile.width > 0 && (tile.level === 'entries' || tile.level < 64);
  return level !== '' && inRange && tilePath(tile) === path ? tile : undefined;
}

/** Hash tiles of one level at a size, empty ones never. */
export function* tilesOfLevel(level: number | 'entries', size: number): Generator<Tile> {
  const hashes = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
  const full = Math.floor(hashes / TILE_WIDTH);
  for (let index = 0; index < full; index++) yield { level, index, width: TILE_WIDTH };
  if (hashes % TILE_WIDTH > 0) yield { level, index: full, width: hashes % TILE_WIDTH };
}

/** Every tile that a checkpoint of this size implies, level by level, entry bundles first. */
export function* tilesOf(size: number): Generator<Tile> {
  yield* tilesOfLevel('entries', size);
  for (let level = 0; TILE_WIDTH ** level <= size; level++) yield* tilesOfLevel(level, size);
}

/** How many tiles `tilesOf` yields. */
export function countTiles(size: number): number {
  let count = Math.ceil(size / TILE_WIDTH);
  for (let hashes = size; hashes > 0; hashes = Math.floor(hashes / TILE_WIDTH)) {
    count += Math.ceil(hashes / TILE_WIDTH);
  }
  return count;
}

/** The tile as it stands at a size: full, or the partial one of the right edge. Undefined when it is empty. */
export function tileAt(level: number | 'entries', index: number, size: number): Tile | undefined {
  const hashes = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
  const width = Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH);
  return width > 0 ? { level, index, width } : undefined;
}
