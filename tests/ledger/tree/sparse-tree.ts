/** Trees beyond 32 and 53 bits: all leaves are alike but a few, and proofs are RFC 6962's recursions as written. */
import { leafHash, nodeHash } from '../../../src/ledger/tree/merkle.ts';

export class SparseTree {
  readonly #marked: readonly bigint[];
  /** Root over 2^level plain leaves. */
  readonly #plain: Buffer[] = [leafHash('plain')];

  /** @param marked indices whose leaves differ from all others. */
  constructor(marked: readonly bigint[]) {
    this.#marked = marked;
    for (let level = 1; level < 64; level++) {
      const below = this.#plainOf(level - 1);
      this.#plain.push(nodeHash(below, below));
    }
  }

  leaf(index: bigint): Buffer {
    return leafHash(this.#marked.includes(index) ? `marked ${index}` : 'plain');
  }

  /** MTH(D[start:end]) of section 2.1. */
  hash(start: bigint, end: bigint): Buffer {
    const count = end - start;
    if (count === 1n) return this.leaf(start);
    const k = splitPoint(count);
    const isPlain = !this.#marked.some((index) => index >= start && index < end);
    if (isPlain && k * 2n === count) return this.#plainOf(k.toString(2).length);
    return nodeHash(this.hash(start, start + k), this.hash(start + k, end));
  }

  /** PATH(m, D[start:end]) of section 2.1.1. */
  path(m: bigint, start: bigint, end: bigint): Buffer[] {
    if (end - start === 1n) return [];
    const k = splitPoint(end - start);
    const middle = start + k;
    return m < k
      ? [...this.path(m, start, middle), this.hash(middle, end)]
      : [...this.path(m - k, middle, end), this.hash(start, middle)];
  }

  /** PROOF(m, D[0:end]) of section 2.1.2. */
  proof(m: bigint, end: bigint): Buffer[] {
    return this.#subproof(m, { start: 0n, end }, true);
  }

  #subproof(m: bigint, { start, end }: { start: bigint; end: bigint }, isKnown: boolean): Buffer[] {
    if (m === end - start) return isKnown ? [] : [this.hash(start, end)];
    const k = splitPoint(end - start);
    const middle = start + k;
    return m <= k
      ? [...this.#subproof(m, { start, end: middle }, isKnown), this.hash(middle, end)]
      : [...this.#subproof(m - k, { start: middle, end }, false), this.hash(start, middle)];
  }

  #plainOf(level: number): Buffer {
    return this.#plain[level] ?? Buffer.alloc(0);
  }
}

/** Largest power of two strictly below n. */
function splitPoint(n: bigint): bigint {
  return 1n << BigInt((n - 1n).toString(2).length - 1);
}
