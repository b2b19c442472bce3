/** Writes a log as static files in the tlog-tiles layout, for an auditor to take away. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GatewayError } from '../../core/errors.ts';
import { readCheckpoint } from '../notes/checkpoint.ts';
import type { LedgerSource } from './source.ts';
import { CHECKPOINT_PATH, countTiles, tilePath, tilesOf } from '../tree/tiles.ts';

export interface ExportProgress {
  readonly done: number;
  readonly total: number;
}

/**
 * Fetches the checkpoint first and writes it last, each file by rename: whoever reads the directory meanwhile finds
 * every tile that its checkpoint implies. A later export into the same directory brings it forward.
 * Judges nothing: what the source holds is what is written, and `verifyLedgers` says what it is worth.
 */
export async function exportLedger(
  source: LedgerSource,
  directory: string,
  onProgress?: (progress: ExportProgress) => void,
): Promise<{ size: number; root: string }> {
  const note = await source.checkpoint();
  const { size, root } = readCheckpoint(note.toString('utf8'));
  const total = countTiles(size);
  let done = 0;
  for (const tile of tilesOf(size)) {
    const path = tilePath(tile);
    const bytes = await source.tile(path);
    // A hole is exported as a hole: a log whose rows were deleted must still reach the auditor.
    if (bytes !== undefined) await writeWhole(join(directory, path), bytes);
    onProgress?.({ done: (done += 1), total });
  }
  await writeWhole(join(directory, CHECKPOINT_PATH), note);
  return { size, root: root.toString('hex') };
}

async function writeWhole(file: string, bytes: Buffer): Promise<void> {
  const partial = `${file}.new`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(partial, bytes);
    await rename(partial, file);
  } catch (cause) {
    throw new GatewayError('storage.unavailable', `cannot write ${file}`, { cause });
  }
}
