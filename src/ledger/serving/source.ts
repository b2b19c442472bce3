/** Where tiles and checkpoints come from: this gateway's database, or another gateway by a given transport. */
import { GatewayError } from '../../core/errors.ts';
import type { Database } from '../../storage/database.ts';
import { readLatest } from '../entry-store.ts';
import { readCosigned } from '../witness/cosignature-store.ts';
import { readBodies, readLevel, type Run } from './tile-store.ts';
import { CHECKPOINT_PATH, readTilePath, tileAt, TILE_HEIGHT, TILE_WIDTH, type Tile } from '../tree/tiles.ts';

export interface LedgerSource {
  /** The newest signed checkpoint, with the cosignatures that are there. */
  checkpoint(): Promise<Buffer>;
  /** Bytes of `tile/…`; undefined when the log has no such tile. */
  tile(path: string): Promise<Buffer | undefined>;
}

/** Tiles are a pure function of entries, and a checkpoint commits with them: what it implies is always there. */
export function databaseSource(database: Database): LedgerSource {
  return {
    checkpoint: async () => {
      const latest = await readCosigned(database);
      if (latest === undefined) throw new GatewayError('ledger.unavailable', 'the log has no checkpoint');
      return Buffer.from(latest.note);
    },
    tile: async (path) => {
      const tile = readTilePath(path);
      return tile && readTile(database, tile);
    },
  };
}

/** @param get answers a path below the log's prefix, such as `tile/0/000`. */
export function remoteSource(get: (path: string) => Promise<{ status: number; body: Buffer }>): LedgerSource {
  const fetch = async (path: string): Promise<Buffer | undefined> => {
    const { status, body } = await get(path);
    if (status === 404) return undefined;
    if (status === 200) return body;
    throw new GatewayError('exchange.peer-unreachable', `the peer answered ${status} for ${path}`);
  };
  return {
    checkpoint: async () => {
      const note = await fetch(CHECKPOINT_PATH);
      if (note === undefined) throw new GatewayError('ledger.unavailable', 'the peer has no checkpoint');
      return note;
    },
    tile: fetch,
  };
}

/**
 * A log whose rows were deleted serves what stands before the hole, so that a verifier can name the first entry that
 * is missing instead of a whole tile.
 */
async function readTile(database: Database, tile: Tile): Promise<Buffer | undefined> {
  const run: Run = { start: tile.index * TILE_WIDTH, count: tile.width };
  if (!Number.isSafeInteger(run.start)) return undefined;
  const parts =
    tile.level === 'entries'
      ? (await readBodies(database, run)).map(withLength)
      : await readLevel(database, tile.level * TILE_HEIGHT, run);
  const isWhole = parts.length === tile.width;
  return isWhole || (parts.length > 0 && (await isImplied(database, tile)))
    ? Buffer.concat(parts)
    : undefined;
}

async function isImplied(database: Database, tile: Tile): Promise<boolean> {
  const size = (await readLatest(database))?.size ?? 0;
  return tile.width <= (tileAt(tile.level, tile.index, size)?.width ?? 0);
}

/** u16 big-endian length ‖ entry. */
export function withLength(body: string): Buffer {
  const entry = Buffer.from(body);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(entry.length);
  return Buffer.concat([length, entry]);
}
