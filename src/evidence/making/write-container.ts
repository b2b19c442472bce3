/** Writes a container: mimetype first, then META-INF, then the bag; the same plan and signature give the same bytes. */
import { createHash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { sizeOf, type ContainerPlan, type PlannedEntry } from './container-plan.ts';
import { MANIFEST, MIMETYPE, MIMETYPE_CONTENT, SIGNATURE } from '../container/names.ts';
import { centralRecord, endRecords, localHeader, type ZipEntry } from '../container/zip-records.ts';

/**
 * Memory stays constant: one chunk of one file at a time, at the pace of `out`, which is ended. Throws
 * `bundle.digest-mismatch` when a file is no longer what the plan, and with it the signature, says.
 */
export async function writeContainer(plan: ContainerPlan, signature: Buffer, out: Writable): Promise<void> {
  await pipeline(containerBytes(plan, signature), out);
}

/** The exact size of the file that `writeContainer` makes. */
export function containerSize(plan: ContainerPlan, signature: Buffer): number {
  return sizeOf(allEntries(plan, signature));
}

async function* containerBytes(plan: ContainerPlan, signature: Buffer): AsyncGenerator<Buffer> {
  const written: ZipEntry[] = [];
  let offset = 0;
  for (const { name, size, content, sha256 } of allEntries(plan, signature)) {
    const entry = { name, size, offset, crc32: await checksum(content) };
    const header = localHeader(entry);
    yield header;
    yield* entryBytes({ name, size, content, sha256 });
    written.push(entry);
    offset += header.length + size;
  }
  const central = Buffer.concat(written.map(centralRecord));
  yield central;
  yield endRecords(written.length, offset, central.length);
}

function allEntries(plan: ContainerPlan, signature: Buffer): PlannedEntry[] {
  return [
    small(MIMETYPE, Buffer.from(MIMETYPE_CONTENT)),
    small(MANIFEST, plan.manifest),
    small(SIGNATURE, signature),
    ...plan.entries,
  ];
}

function small(name: string, content: Buffer): PlannedEntry {
  return { name, size: content.length, sha256: sha256Hex(content), content };
}

/** A first pass over the file: ZIP wants the CRC before the bytes, and the zlib of Node computes it at disk speed. */
async function checksum(content: PlannedEntry['content']): Promise<number> {
  if (Buffer.isBuffer(content)) return crc32(content);
  let sum = 0;
  for await (const chunk of content() as Readable & AsyncIterable<Buffer>) sum = crc32(chunk, sum);
  return sum;
}

async function* entryBytes(entry: PlannedEntry): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(entry.content)) {
    yield entry.content;
    return;
  }
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of entry.content() as Readable & AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  const actual = hash.digest('hex');
  if (actual === entry.sha256 && size === entry.size) return;
  throw new GatewayError('bundle.digest-mismatch', `${entry.name} differs from the file that was signed`, {
    facts: { path: entry.name, expected: entry.sha256, actual },
  });
}
