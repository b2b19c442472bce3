/** Lists what a container says it holds (yauzl), and refuses what no honest container has, before any file is read. */
import { fromFdPromise, type Entry } from 'yauzl';
import type { CodedFault } from './fault.ts';
import { foldName, nameFault } from './names.ts';

export interface ListedEntry {
  readonly name: string;
  readonly size: number;
  /** Where the central directory says the local header is. */
  readonly offset: number;
}

export interface ContainerLimits {
  readonly entries: number;
}

export const CONTAINER_LIMITS: ContainerLimits = { entries: 100_000 };

export interface Listing {
  readonly entries: readonly ListedEntry[];
  readonly faults: readonly CodedFault[];
}

const METHOD_STORED = 0;
const TYPE_MASK = 0o170000;
const TYPE_REGULAR = 0o100000;

/** Untrusted input. Never throws on bad bytes: what is wrong stands in `faults`, and then no entry may be used. */
export async function listContainer(
  fd: number,
  fileSize: number,
  limits: ContainerLimits = CONTAINER_LIMITS,
): Promise<Listing> {
  try {
    const zip = await fromFdPromise(fd, {
      autoClose: false,
      lazyEntries: true,
      decodeStrings: false,
      validateEntrySizes: false,
    });
    if (zip.entryCount > limits.entries) {
      return failed(
        'E-ZIP-ENTRIES',
        `at most ${String(limits.entries)} entries, found ${String(zip.entryCount)}`,
      );
    }
    const found: Entry[] = [];
    for await (const entry of zip.eachEntry()) found.push(entry);
    return inspect(found, fileSize);
  } catch (error) {
    if (isSystemError(error)) throw error;
    return failed('E-ZIP-OPEN', `the file is no readable ZIP archive: ${messageOf(error)}`);
  }
}

/** A fault of disk or operating system, not of the bytes: the check could not be made. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function inspect(found: readonly Entry[], fileSize: number): Listing {
  const entries = found.map(listed);
  const faults = [
    ...found.flatMap((entry) => entryFaults(entry)),
    ...collisions(entries),
    ...expansion(entries, fileSize),
  ];
  return { entries, faults };
}

function listed(entry: Entry): ListedEntry {
  return {
    name: entry.fileNameRaw.toString('latin1'),
    size: entry.uncompressedSize,
    offset: entry.relativeOffsetOfLocalHeader,
  };
}

function entryFaults(entry: Entry): CodedFault[] {
  const path = entry.fileNameRaw.toString('latin1');
  const faults: CodedFault[] = [];
  const add = (code: string, message: string): void => void faults.push({ code, message, path });
  const fault = nameFault(path);
  if (fault !== undefined) add('E-ZIP-NAME', `the name ${fault}`);
  const type = (entry.externalFileAttributes >>> 16) & TYPE_MASK;
  if (type !== TYPE_REGULAR) add('E-ZIP-TYPE', 'only regular files: no symbolic link, directory or device');
  if (entry.isEncrypted()) add('E-ZIP-ENCRYPTED', 'encryption inside the ZIP is refused');
  const stored = entry.compressionMethod === METHOD_STORED && entry.compressedSize === entry.uncompressedSize;
  if (!stored) add('E-ZIP-METHOD', 'every file is stored, none is compressed');
  return faults;
}

function collisions(entries: readonly ListedEntry[]): CodedFault[] {
  const seen = new Map<string, string>();
  return entries.flatMap(({ name }) => {
    const other = seen.get(foldName(name));
    seen.set(foldName(name), name);
    if (other === undefined) return [];
    const message = other === name ? 'the name stands twice' : `the name collides with ${other}`;
    return [{ code: 'E-ZIP-DUPLICATE', message, path: name }];
  });
}

/** Stored entries cannot hold more than the file has: more means entries that overlap, a bomb. */
function expansion(entries: readonly ListedEntry[], fileSize: number): CodedFault[] {
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total <= fileSize) return [];
  return [
    {
      code: 'E-ZIP-EXPANSION',
      message: `entries claim ${String(total)} bytes, the file has ${String(fileSize)}`,
    },
  ];
}

function failed(code: string, message: string): Listing {
  return { entries: [], faults: [{ code, message }] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
