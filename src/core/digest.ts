/** Digests: SHA-256 (FIPS 180-4) and SM3 (GB/T 32905), whole or streamed. */
import { createHash, hash, timingSafeEqual } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

/** Lowercase hex, 64 characters. */
export type HexDigest = string;
export interface DualDigest {
  readonly sha256: HexDigest;
  readonly sm3: HexDigest;
}

export function sha256(data: Uint8Array | string): Buffer {
  return hash('sha256', data, 'buffer');
}

export function sha256Hex(data: Uint8Array | string): HexDigest {
  return hash('sha256', data, 'hex');
}

export function sm3Hex(data: Uint8Array | string): HexDigest {
  return hash('sm3', data, 'hex');
}

/** Compares two hex digests in constant time; false when the lengths differ. */
export function equalDigests(a: HexDigest, b: HexDigest): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && left.length > 0 && timingSafeEqual(left, right);
}

/** Passes bytes through unchanged while counting and hashing them. */
export class DigestStream extends Transform {
  #sha256 = createHash('sha256');
  #sm3 = createHash('sm3');
  #size = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#sha256.update(chunk);
    this.#sm3.update(chunk);
    this.#size += chunk.length;
    done(null, chunk);
  }

  /** To be called once, after the stream has ended. */
  result(): DualDigest & { readonly size: number } {
    return { sha256: this.#sha256.digest('hex'), sm3: this.#sm3.digest('hex'), size: this.#size };
  }
}
