/** Passes bytes through and digests them part by part, so that a bundle is read once, when it is made. */
import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

export const PART_SIZE = 8 * 1024 * 1024;

export class PartDigests extends Transform {
  readonly #partSize: number;
  readonly #done: string[] = [];
  #hash: Hash = createHash('sha256');
  #filled = 0;

  constructor(partSize: number) {
    super({ readableHighWaterMark: 1024 * 1024, writableHighWaterMark: 1024 * 1024 });
    this.#partSize = partSize;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let rest = chunk; rest.length > 0;) {
      const piece = rest.subarray(0, this.#partSize - this.#filled);
      this.#hash.update(piece);
      this.#filled += piece.length;
      if (this.#filled === this.#partSize) this.#endPart();
      rest = rest.subarray(piece.length);
    }
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    if (this.#filled > 0) this.#endPart();
    done();
  }

  /** Hex SHA-256 of every part, to be called after the stream has ended. */
  digests(): readonly string[] {
    return this.#done;
  }

  #endPart(): void {
    this.#done.push(this.#hash.digest('hex'));
    this.#hash = createHash('sha256');
    this.#filled = 0;
  }
}

/** How many parts a bundle of `size` bytes has. */
export function partCount(size: number, partSize: number): number {
  return Math.ceil(size / partSize);
}

/** Bytes of part `n` (from 0): `start` up to, not including, `end`. */
export function partRange(
  n: number,
  bundle: { readonly size: number; readonly partSize: number },
): { readonly start: number; readonly end: number } {
  const start = n * bundle.partSize;
  return { start, end: Math.min(start + bundle.partSize, bundle.size) };
}
