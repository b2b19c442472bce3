/** The root of one tile's hashes, in the auditor's inner loop. */
import { hash } from 'node:crypto';
import { HASH_BYTES } from './merkle.ts';

/** Prefix 0x01 and room for two hashes; only ever used between two synchronous lines. */
const scratch = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** Root over neighbouring hashes; their number must be a power of two. `hashes` is left as it is. */
export function foldPerfect(hashes: Buffer): Buffer {
  const work = Buffer.from(hashes);
  for (let count = work.length / HASH_BYTES; count > 1; count /= 2) {
    for (let i = 0; i < count; i += 2) {
      work.copy(scratch, 1, i * HASH_BYTES, (i + 2) * HASH_BYTES);
      // A digest as a binary string costs a third of one as a Buffer.
      work.write(hash('sha256', scratch, 'binary'), (i / 2) * HASH_BYTES, 'latin1');
    }
  }
  return work.subarray(0, HASH_BYTES);
}
