/** Walks a container from its first byte to its last, hashing each file once and comparing every byte between files. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { CodedFault } from './fault.ts';
import type { ListedEntry } from './read-container.ts';
import { RESERVED_DATA } from './names.ts';
import { centralRecord, endRecords, localHeader, type ZipEntry } from './zip-records.ts';

export interface ScannedFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly sm3: string;
  /** Of the files that the checks read: tag files, META-INF, packet and logs. */
  readonly content?: Buffer;
}

export interface ContainerScan {
  readonly files: ReadonlyMap<string, ScannedFile>;
  readonly faults: readonly CodedFault[];
  /** False when the walk had to stop: files behind that place were not read. */
  readonly complete: boolean;
}

export type ScanProgress = (done: number, total: number) => void;

export interface OpenContainer {
  readonly handle: FileHandle;
  readonly size: number;
}

const CHUNK = 1024 * 1024;
const LARGEST_TEXT = 64 * 1024 * 1024;

/**
 * Untrusted input. The records around the files are computed anew from names, sizes and the CRC of the bytes found;
 * any difference from what stands in the file is a fault, so that no byte of the archive is free to change.
 */
export async function scanContainer(
  container: OpenContainer,
  entries: readonly ListedEntry[],
  onProgress: ScanProgress = () => undefined,
): Promise<ContainerScan> {
  const files = new Map<string, ScannedFile>();
  const faults: CodedFault[] = [];
  const records: ZipEntry[] = [];
  let offset = 0;
  for (const entry of entries) {
    const start = offset + localHeader({ ...entry, offset, crc32: 0 }).length;
    if (entry.offset !== offset || start + entry.size > container.size) {
      faults.push(
        form(entry.name, `its local header must start at byte ${String(offset)}, without gap or overlap`),
      );
      return { files, faults, complete: false };
    }
    const { file, crc } = await digestFile(container, { ...entry, start });
    const record = { name: entry.name, size: entry.size, offset, crc32: crc };
    faults.push(
      ...compare(localHeader(record), await readAt(container, offset, start - offset), entry.name, offset),
    );
    files.set(entry.name, file);
    records.push(record);
    offset = start + entry.size;
    onProgress(offset, container.size);
  }
  const central = Buffer.concat(records.map(centralRecord));
  const tail = Buffer.concat([central, endRecords(records.length, offset, central.length)]);
  faults.push(...(await compareTail(container, tail, offset)));
  return { files, faults, complete: true };
}

async function compareTail(container: OpenContainer, tail: Buffer, offset: number): Promise<CodedFault[]> {
  const expectedSize = offset + tail.length;
  if (expectedSize !== container.size) {
    const sizes = `the archive must have ${String(expectedSize)} bytes, it has ${String(container.size)}`;
    return [
      { code: 'E-ZIP-FORM', message: `${sizes}: bytes were added, removed or a comment stands at its end` },
    ];
  }
  return compare(tail, await readAt(container, offset, tail.length), undefined, offset);
}

async function digestFile(
  container: OpenContainer,
  entry: { readonly name: string; readonly size: number; readonly start: number },
): Promise<{ file: ScannedFile; crc: number }> {
  const sha256 = createHash('sha256');
  const sm3 = createHash('sm3');
  const kept: Buffer[] | undefined = isText(entry.name) && entry.size <= LARGEST_TEXT ? [] : undefined;
  let crc = 0;
  for await (const chunk of chunksOf(container, entry)) {
    crc = crc32(chunk, crc);
    sha256.update(chunk);
    sm3.update(chunk);
    kept?.push(Buffer.from(chunk));
  }
  const file = { name: entry.name, size: entry.size, sha256: sha256.digest('hex'), sm3: sm3.digest('hex') };
  return { file: kept === undefined ? file : { ...file, content: Buffer.concat(kept) }, crc };
}

/** Two buffers take turns: one is read into while the other is hashed. A chunk is valid until the next is asked for. */
async function* chunksOf(
  { handle }: OpenContainer,
  { start, size }: { readonly start: number; readonly size: number },
): AsyncGenerator<Buffer> {
  const length = Math.min(CHUNK, size);
  const buffers = [Buffer.allocUnsafe(length), Buffer.allocUnsafe(length)] as const;
  const end = start + size;
  const read = (position: number, into: Buffer): Promise<{ bytesRead: number; buffer: Buffer }> =>
    handle.read(into, 0, Math.min(length, end - position), position);
  let position = start;
  let turn: 0 | 1 = 0;
  let pending = position < end ? read(position, buffers[turn]) : undefined;
  while (pending !== undefined) {
    const { bytesRead, buffer } = await pending;
    // The size was checked before: a file that ends here was cut while it was read.
    if (bytesRead === 0) throw cut();
    position += bytesRead;
    turn = turn === 0 ? 1 : 0;
    pending = position < end ? read(position, buffers[turn]) : undefined;
    yield buffer.subarray(0, bytesRead);
  }
}

function cut(): Error {
  return Object.assign(new Error('the file became shorter while it was read'), {
    syscall: 'read',
    code: 'EIO',
  });
}

async function readAt({ handle }: OpenContainer, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

/** Names the first byte that differs. */
function compare(expected: Buffer, actual: Buffer, path: string | undefined, offset: number): CodedFault[] {
  if (expected.equals(actual)) return [];
  const at = expected.findIndex((byte, index) => byte !== actual[index]);
  const hex = (bytes: Buffer): string => bytes.subarray(at, at + 4).toString('hex');
  const message = `byte ${String(offset + at)} between the files differs from the form of this profile`;
  const found = { code: 'E-ZIP-FORM', message, expected: hex(expected), actual: hex(actual) };
  return [path === undefined ? found : { ...found, path }];
}

/** Everything but the payload's items, forms and proofs. */
function isText(name: string): boolean {
  const inBag = name.slice(name.indexOf('/') + 1);
  return !inBag.startsWith('data/') || RESERVED_DATA.includes(inBag);
}

function form(path: string, message: string): CodedFault {
  return { code: 'E-ZIP-FORM', message, path };
}
