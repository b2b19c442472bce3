/** What an earlier attempt of a pull left on disk, read again and held against the digests of the offer. */
import { createHash, type Hash } from 'node:crypto';
import type { PartialFile } from '../../storage/partial-file.ts';
import { partRange } from '../making/part-digests.ts';
import type { InboundRow } from '../store/inbound-store.ts';

export interface HeldParts {
  readonly count: number;
  /** SHA-256 of the bundle so far; what is fetched goes on from here. */
  readonly whole: Hash;
}

/**
 * Nothing is believed about the file: a page that a crash tore, or that never reached the disk, is fetched once more.
 * Parts are written in order, so the good ones are the first ones.
 */
export async function heldParts(partial: PartialFile, row: InboundRow): Promise<HeldParts> {
  let whole = createHash('sha256');
  for (const [n, digest] of row.parts.entries()) {
    const range = partRange(n, { size: row.bundle_size, partSize: row.part_size });
    if (range.end > partial.size()) return { count: n, whole };
    const part = createHash('sha256');
    const advanced = whole.copy();
    for await (const chunk of partial.read(range)) {
      part.update(chunk as Buffer);
      advanced.update(chunk as Buffer);
    }
    if (part.digest('hex') !== digest) return { count: n, whole };
    whole = advanced;
  }
  return { count: row.parts.length, whole };
}
