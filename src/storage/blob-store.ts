/** Files by SHA-256 on disk: a blob is whole, synced and digest-checked before anyone can see it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { GatewayError } from '../core/errors.ts';
import { directorySize, incomingName, sweepIncoming, syncDirectory } from './blob-directory.ts';
import { createWriteBehind } from './write-behind.ts';
import { openPartialFile, type PartialFile } from './partial-file.ts';

export interface BlobInfo {
  /** Lowercase hex. */
  readonly sha256: string;
  readonly sm3: string;
  readonly size: number;
}

export interface BlobExpectation {
  readonly sha256?: string;
  readonly size?: number;
}

export interface BlobStore {
  /** Stores the stream; `blob.digest-mismatch` when it differs from `expected`, `blob.quota` when it does not fit. */
  put(source: Readable | AsyncIterable<Buffer>, expected?: BlobExpectation): Promise<BlobInfo>;
  stat(sha256: string): Promise<{ readonly size: number } | undefined>;
  /** Size and both digests; SM3 is computed and remembered when the blob came without it. `blob.not-found`. */
  describe(sha256: string): Promise<BlobInfo>;
  /** Bytes from `start` up to, not including, `end`. */
  read(sha256: string, range?: { readonly start: number; readonly end: number }): Readable;
  path(sha256: string): string;
  /** Bytes of blobs, quarantine and running uploads. */
  used(): Promise<number>;
  /** Throws `blob.quota` unless `bytes` more fit under the quota and above the disk's reserve. */
  assertRoom(bytes: number): Promise<void>;
  /** How full store and disk are. */
  room(): Promise<BlobRoom>;
  /** The quarantine file of one pull; it outlives a crash and is no blob until it is committed. */
  partial(id: string): Promise<PartialFile>;
}

/** All in bytes. */
export interface BlobRoom {
  readonly usedBytes: number;
  readonly quotaBytes: number;
  /** Of the disk that the store is on. */
  readonly freeBytes: number;
  readonly reserveBytes: number;
}

export interface BlobStoreOptions {
  readonly directory: string;
  /** Most bytes the store may hold. */
  readonly quotaBytes: number;
  /** Bytes of the disk that stay free for the database. */
  readonly reserveBytes: number;
}

const SHA256 = /^[0-9a-f]{64}$/;
const ROOM_CHECK_BYTES = 64 * 1024 * 1024;
const READ_CHUNK = 512 * 1024;

export async function openBlobStore(options: BlobStoreOptions): Promise<BlobStore> {
  const blobs = join(options.directory, 'blobs');
  const incoming = join(options.directory, 'incoming');
  const quarantine = join(options.directory, 'quarantine');
  for (const path of [blobs, incoming, quarantine]) await mkdir(path, { recursive: true, mode: 0o700 });
  await sweepIncoming(incoming);
  let used = (await directorySize(blobs)) + (await directorySize(quarantine));

  const path = (sha256: string): string => {
    if (!SHA256.test(sha256)) throw new GatewayError('blob.not-found', `${sha256} is not a SHA-256 digest`);
    return join(blobs, sha256.slice(0, 2), sha256);
  };
  const sizeOf = async (sha256: string): Promise<{ size: number } | undefined> => {
    const found = await stat(path(sha256)).catch(() => undefined);
    return found === undefined ? undefined : { size: found.size };
  };
  const account = (bytes: number): void => {
    if (bytes > 0 && used + bytes > options.quotaBytes) throw quotaError(options.quotaBytes, used, bytes);
    used += bytes;
  };
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(options.directory);
    return bavail * bsize;
  };
  const assertRoom = async (bytes: number): Promise<void> => {
    if (used + bytes > options.quotaBytes) throw quotaError(options.quotaBytes, used, bytes);
    if ((await freeBytes()) - bytes < options.reserveBytes) {
      throw new GatewayError('blob.quota', 'the disk has only its reserve left; free space on it');
    }
  };
  /** The caller has synced the file; after the directory is synced the blob exists, crash or not. */
  const publish = async (
    file: string,
    blob: { sha256: string; sm3?: string; size: number },
  ): Promise<void> => {
    const target = path(blob.sha256);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    if (blob.sm3 !== undefined) await writeFile(`${target}.sm3`, blob.sm3, { mode: 0o600 });
    if ((await sizeOf(blob.sha256)) !== undefined) account(-blob.size);
    await rename(file, target);
    await syncDirectory(dirname(target));
    await syncDirectory(blobs);
  };

  return {
    path,
    stat: sizeOf,
    assertRoom,
    used: () => Promise.resolve(used),
    room: async () => {
      const { quotaBytes, reserveBytes } = options;
      return { usedBytes: used, quotaBytes, freeBytes: await freeBytes(), reserveBytes };
    },
    read: (sha256, range) =>
      createReadStream(path(sha256), {
        highWaterMark: READ_CHUNK,
        ...(range === undefined ? {} : { start: range.start, end: range.end - 1 }),
      }),
    describe: async (sha256) => {
      const found = await sizeOf(sha256);
      if (found === undefined) throw new GatewayError('blob.not-found', `no blob ${sha256}; upload it first`);
      return { sha256, sm3: await rememberedSm3(path(sha256)), size: found.size };
    },
    put: async (source, expected = {}) => {
      await assertRoom(expected.size ?? 0);
      const file = join(incoming, incomingName());
      let accounted = 0;
      try {
        const blob = await receive(file, source, async (bytes, total) => {
          account(bytes);
          accounted += bytes;
          if (expected.size !== undefined && total > expected.size)
            throw mismatch('size', expected.size, total);
          if (total % ROOM_CHECK_BYTES < bytes) await assertRoom(0);
        });
        assertExpected(blob, expected);
        await publish(file, blob);
        return blob;
      } catch (error) {
        account(-accounted);
        await rm(file, { force: true });
        throw error;
      }
    },
    partial: (id) => openPartialFile({ directory: quarantine, id, account, assertRoom, publish }),
  };
}

type Progress = (bytes: number, total: number) => Promise<void>;

async function receive(file: string, source: AsyncIterable<Buffer>, onBytes: Progress): Promise<BlobInfo> {
  const handle = await open(file, 'wx', 0o600);
  const digest256 = createHash('sha256');
  const digestSm3 = createHash('sm3');
  const writeBehind = createWriteBehind(handle);
  let size = 0;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      await onBytes(chunk.length, size);
      const written = writeAll(handle, chunk);
      digest256.update(chunk);
      digestSm3.update(chunk);
      await written;
      writeBehind.wrote(chunk.length);
    }
    await writeBehind.settle();
    await handle.sync();
  } finally {
    await writeBehind.settle().catch(() => undefined);
    await handle.close();
  }
  return { sha256: digest256.digest('hex'), sm3: digestSm3.digest('hex'), size };
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    done += (await handle.write(chunk, done, chunk.length - done)).bytesWritten;
  }
}

function assertExpected(blob: BlobInfo, expected: BlobExpectation): void {
  if (expected.size !== undefined && blob.size !== expected.size)
    throw mismatch('size', expected.size, blob.size);
  if (expected.sha256 !== undefined && blob.sha256 !== expected.sha256) {
    throw mismatch('sha256', expected.sha256, blob.sha256);
  }
}

async function rememberedSm3(path: string): Promise<string> {
  const known = await readFile(`${path}.sm3`, 'utf8').catch(() => '');
  if (SHA256.test(known)) return known;
  const digest = createHash('sm3');
  for await (const chunk of createReadStream(path, { highWaterMark: READ_CHUNK }))
    digest.update(chunk as Buffer);
  const sm3 = digest.digest('hex');
  await writeFile(`${path}.sm3`, sm3, { mode: 0o600 });
  return sm3;
}

function mismatch(what: string, expected: string | number, came: string | number): GatewayError {
  return new GatewayError('blob.digest-mismatch', `expected ${what} ${expected}, came ${came}`, {
    facts: { what, expected, came },
  });
}

function quotaError(quota: number, used: number, bytes: number): GatewayError {
  return new GatewayError('blob.quota', `${bytes} bytes more do not fit: ${used} of ${quota} are in use`, {
    facts: { quotaBytes: quota, usedBytes: used, neededBytes: bytes },
  });
}
