/** A copy of somebody's log that grows with it: each step is checked before the copy's checkpoint moves. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import { ExportFiles } from '../audit/export-files.ts';
import { readCheckpoint, type Checkpoint } from '../notes/checkpoint.ts';
import { parseNote, verifyNote } from '../notes/note.ts';
import type { LedgerSource } from '../serving/source.ts';
import { HASH_BYTES } from '../tree/merkle.ts';
import { CHECKPOINT_PATH, tileAt, tilePath, tilesOf } from '../tree/tiles.ts';
import { growthProblem } from './growth.ts';
import { servedRoot } from './served-tree.ts';

export interface MirrorOptions {
  readonly directory: string;
  readonly source: LedgerSource;
  readonly origin: string;
  /** Keys of that log; one of them must have signed. */
  readonly vkeys: readonly string[];
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

export type Step =
  | {
      readonly kind: 'grown' | 'unchanged';
      readonly from: number;
      readonly size: number;
      readonly note: string;
    }
  /** What was shown cannot be the log that we hold, or is not what its signature says. Nothing of it was kept. */
  | {
      readonly kind: 'rollback' | 'fork' | 'invalid';
      readonly why: string;
      readonly known: string | undefined;
      readonly shown: string;
    };

/** Throws what the source throws. */
export async function stepMirror(options: MirrorOptions): Promise<Step> {
  const { directory, origin } = options;
  const shown = (await options.source.checkpoint()).toString('utf8');
  const known = knownNote(directory);
  const before = known === undefined ? undefined : readCheckpoint(known);
  const alarm = (kind: 'rollback' | 'fork' | 'invalid', why: string) => ({ kind, why, known, shown });
  const next = signedCheckpoint(shown, options.vkeys);
  if (next instanceof GatewayError) return alarm('invalid', next.message);
  if (next.origin !== origin) return alarm('invalid', `the checkpoint is of ${next.origin}`);
  if (before !== undefined && next.size < before.size) {
    return alarm('rollback', `it showed ${before.size} entries before, now ${next.size}`);
  }
  if (before !== undefined && next.size === before.size) {
    if (!next.root.equals(before.root)) return alarm('fork', `another root for ${next.size} entries`);
    return { kind: 'unchanged', from: next.size, size: next.size, note: known ?? shown };
  }
  const problem = await growTo(options, before, next);
  if (problem !== undefined) {
    const isFork = before !== undefined && (await showsAnother(options.source, before, next));
    return isFork
      ? alarm('fork', `${next.size} entries that do not extend the ${before.size} shown before`)
      : alarm('invalid', problem);
  }
  await writeNote(directory, shown);
  return { kind: 'grown', from: before?.size ?? 0, size: next.size, note: shown };
}

/** Untrusted `note`. */
function signedCheckpoint(note: string, vkeys: readonly string[]): Checkpoint | GatewayError {
  try {
    verifyNote(note, vkeys);
    return readCheckpoint(note);
  } catch (error) {
    if (isGatewayError(error)) return error;
    throw error;
  }
}

/** Adds a cosignature's line to the copy's checkpoint, in place of an older one of the same key. */
export async function addLine(directory: string, line: string): Promise<void> {
  const note = knownNote(directory);
  if (note === undefined || note.includes(`${line}\n`)) return;
  const { text } = parseNote(note);
  const [, name, encoded = ''] = line.split(' ');
  const key = `— ${name} ${encoded.slice(0, 5)}`;
  const others = note
    .slice(text.length + 1, -1)
    .split('\n')
    .filter((one) => !one.startsWith(key));
  await writeNote(directory, `${text}\n${[...others, line].join('\n')}\n`);
}

export function knownNote(directory: string): string | undefined {
  const file = join(directory, CHECKPOINT_PATH);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

export function mirrored(directory: string): Checkpoint | undefined {
  const note = knownNote(directory);
  return note === undefined ? undefined : readCheckpoint(note);
}

/** Whether what it serves is what it signed, and contradicts what it signed before: then no transport bent it. */
async function showsAnother(source: LedgerSource, before: Checkpoint, next: Checkpoint): Promise<boolean> {
  const [now, past] = await Promise.all(
    [next.size, before.size].map((size) => servedRoot(source, size, next.size)),
  );
  return now?.equals(next.root) === true && past?.equals(before.root) === false;
}

/**
 * Why the new tiles cannot be kept, or undefined. Files of a step that was interrupted spare the next one their
 * transfer, but a crash may have bent them: they accuse nobody before they were fetched again.
 */
async function growTo(
  options: MirrorOptions,
  before: Checkpoint | undefined,
  next: Checkpoint,
): Promise<string | undefined> {
  for (;;) {
    const { added, found } = await fetchTiles(options, before?.size ?? 0, next.size);
    const problem = growthProblem(new ExportFiles(options.directory), before, next);
    if (problem === undefined) return undefined;
    await Promise.all([...added, ...found].map((path) => rm(join(options.directory, path), { force: true })));
    if (found.length === 0) return problem;
  }
}

/**
 * A tile of one width never changes: nothing that is held is written over. `found` are files beyond the held size.
 * Ends at the first tile that the log lacks, however many its signed size promises.
 */
async function fetchTiles(
  { source, directory, onProgress, signal }: MirrorOptions,
  held: number,
  size: number,
): Promise<{ readonly added: readonly string[]; readonly found: readonly string[] }> {
  const [added, found]: [string[], string[]] = [[], []];
  for (const tile of tilesOf(size)) {
    if (tileAt(tile.level, tile.index, held)?.width === tile.width) continue;
    signal?.throwIfAborted();
    const path = tilePath(tile);
    if (existsSync(join(directory, path))) {
      found.push(path);
      continue;
    }
    const bytes = await source.tile(path);
    if (bytes === undefined && added.length + found.length === 0) throw ungranted();
    if (bytes === undefined || (tile.level !== 'entries' && bytes.length !== tile.width * HASH_BYTES)) break;
    await writeWhole(join(directory, path), bytes);
    added.push(path);
    onProgress?.(added.length);
  }
  return { added, found };
}

/** Entry bundles come first. Without the grant there are none, which is no fault of the log. */
function ungranted(): GatewayError {
  return new GatewayError('grant.refused', 'it serves us no entry bundles: they need an audit grant');
}

function writeNote(directory: string, note: string): Promise<void> {
  return writeWhole(join(directory, CHECKPOINT_PATH), Buffer.from(note));
}

/** On disk before it has its name: a checkpoint vouches for the tiles written before it. Two processes may share a copy. */
async function writeWhole(file: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, bytes, { flush: true });
  await rename(draft, file);
}
