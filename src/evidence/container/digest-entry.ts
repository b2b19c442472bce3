/** Reads one entry of a container once, local header and bytes together, with all digests that the checks need. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { RESERVED_DATA } from './names.ts';

export interface OpenContainer {
  readonly handle: FileHandle;
  readonly size: number;
}

export interface ScannedFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly sm3: string;
  /** Of the files that the checks read: tag files, META-INF, packet and logs. */
  readonly content?: Buffer;
}

export interface EntryPlace {
  readonly name: string;
  readonly size: number;
  /** Of the local header. */
  readonly offset: number;
  /** Of the bytes. */
  readonly start: number;
}

export interface DigestedEntry {
  readonly header: Buffer;
  readonly file: ScannedFile;
  readonly crc: number;
}

const CHUNK = 1024 * 1024;
const LARGEST_TEXT = 64 * 1024 * 1024;

export async function digestEntry(container: OpenContainer, place: EntryPlace): Promise<DigestedEntry> {
  const { name, size } = place;
  const sha256 = createHash('sha256');
  const sm3 = createHash('sm3');
  const kept: Buffer[] | undefined = isText(name) && size <= LARGEST_TEXT ? [] : undefined;
  let header: Buffer | undefined;
  let crc = 0;
  for await (const chunk of chunksOf(container.handle, place.offset, place.start + size)) {
    const bytes = header === undefined ? chunk.subarray(place.start - place.offset) : chunk;
    header ??= Buffer.from(chunk.subarray(0, place.start - place.offset));
    crc = crc32(bytes, crc);
    sha256.update(bytes);
    sm3.update(bytes);
    kept?.push(Buffer.from(bytes));
  }
  const file = { name, size, sha256: sha256.digest('hex'), sm3: sm3.digest('hex') };
  return {
    header: header ?? Buffer.alloc(0),
    file: kept === undefined ? file : { ...file, content: Buffer.concat(kept) },
    crc,
  };
}

/** Two buffers take turns: one is read into while the other is hashed. A chunk is valid until the next is asked for. */
async function* chunksOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  const length = Math.min(CHUNK, end - start);
  let [into, other] = [Buffer.allocUnsafe(length), Buffer.allocUnsafe(end - start > length ? length : 0)];
  const read = (position: number): Promise<Buffer> | undefined =>
    position < end ? readFully(handle, into.subarray(0, end - position), position) : undefined;
  let position = start;
  let pending = read(position);
  while (pending !== undefined) {
    const chunk = await pending;
    position += chunk.length;
    [into, other] = [other, into];
    pending = read(position);
    yield chunk;
  }
}

/** Size and place were checked before: a file that ends here was cut while it was read. */
async function readFully(handle: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  const { bytesRead } = await handle.read(into, 0, into.length, position);
  if (bytesRead === into.length) return into;
  const message = 'the file became shorter while it was read';
  throw Object.assign(new Error(message), { syscall: 'read', code: 'EIO' });
}

/** Everything but the payload's items, forms and proofs. */
function isText(name: string): boolean {
  const inBag = name.slice(name.indexOf('/') + 1);
  return !inBag.startsWith('data/') || RESERVED_DATA.includes(inBag);
}
