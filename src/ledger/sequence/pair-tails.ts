/** The last entry with each peer in each direction, as a batch moves them. */
import { ZERO_HASH, type Direction } from '../entry.ts';
import type { PairTail } from './batch.ts';

export class PairTails {
  readonly #tails = new Map<string, PairTail>();
  readonly #changed = new Set<string>();

  constructor(tails: readonly PairTail[]) {
    for (const tail of tails) this.#tails.set(`${tail.dir} ${tail.peer}`, tail);
  }

  of(peer: string, dir: Direction): PairTail {
    return this.#tails.get(`${dir} ${peer}`) ?? { peer, dir, n: 0, leaf: Buffer.from(ZERO_HASH, 'hex') };
  }

  set(tail: PairTail): void {
    const name = `${tail.dir} ${tail.peer}`;
    this.#tails.set(name, tail);
    this.#changed.add(name);
  }

  changed(): PairTail[] {
    return [...this.#tails].filter(([name]) => this.#changed.has(name)).map(([, tail]) => tail);
  }
}
