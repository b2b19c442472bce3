/** The quarantine file of a pull: written part by part, in any order, and made a blob when its whole digest fits. */
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { createWriteBehind } from './write-behind.ts';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { GatewayError } from '../core/errors.ts';

export interface PartialFile {
  /** Bytes up to the end of the last part written; a hole before it reads as zeros. */
  size(): number;
  read(range: { readonly start: number; readonly end: number }): Readable;
  write(offset: number, data: Buffer): Promise<void>;
  /** Syncs and renames into the store. The caller has checked the SHA-256 of every byte. */
  commit(blob: { readonly sha256: string; readonly size: number }): Promise<void>;
  /** Removes the file and gives its room back. */
  discard(): Promise<void>;
  /** Closes the file and keeps what it holds for the next attempt. */
  close(): Promise<void>;
}

export interface PartialFileOptions {
  readonly directory: string;
  readonly id: string;
  account(bytes: number): void;
  assertRoom(bytes: number): Promise<void>;
  publish(file: string, blob: { readonly sha256: string; readonly size: number }): Promise<void>;
}

export async function openPartialFile(options: PartialFileOptions): Promise<PartialFile> {
  if (!/^[0-9a-f-]{1,64}$/.test(options.id)) throw new GatewayError('internal', 'a quarantine id is a UUID');
  const path = join(options.directory, options.id);
  // 'a+' would force every write to the end, 'r+' needs the file: create first.
  await (await open(path, 'a', 0o600)).close();
  const handle = await open(path, 'r+');
  const writeBehind = createWriteBehind(handle);
  let size = (await handle.stat()).size;
  return {
    size: () => size,
    read: ({ start, end }) => createReadStream(path, { start, end: end - 1, highWaterMark: 512 * 1024 }),
    write: async (offset, data) => {
      const growth = Math.max(0, offset + data.length - size);
      options.account(growth);
      size += growth;
      for (let done = 0; done < data.length;) {
        done += (await handle.write(data, done, data.length - done, offset + done)).bytesWritten;
      }
      writeBehind.wrote(data.length);
    },
    commit: async (blob) => {
      if (size !== blob.size) {
        throw new GatewayError('blob.digest-mismatch', `expected ${blob.size} bytes, came ${size}`);
      }
      await writeBehind.settle();
      await handle.sync();
      await handle.close();
      await options.publish(path, blob);
    },
    discard: async () => {
      await writeBehind.settle().catch(() => undefined);
      await handle.close();
      await rm(path, { force: true });
      options.account(-size);
      size = 0;
    },
    close: async () => {
      await writeBehind.settle().catch(() => undefined);
      await handle.close();
    },
  };
}
