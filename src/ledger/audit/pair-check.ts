/** Pair counters: within one range of a log, and where ranges meet. */
import { ZERO_HASH } from '../entry.ts';
import type { PairFields } from '../entry-grammar.ts';
import type { Failure, Findings } from './report.ts';
import type { SeenLeaf } from './seen-entry.ts';

interface PairTail {
  readonly n: number;
  readonly leaf: string;
  readonly claimed: string | undefined;
}

interface PairHead {
  readonly index: number;
  readonly n: number;
  readonly prev: string;
}

/** The first and the last entry of a range with one peer in one direction. */
export interface PairSpan {
  readonly name: string;
  readonly head: PairHead;
  readonly tail: PairTail;
}

const PAIR_START: PairTail = { n: 0, leaf: ZERO_HASH, claimed: ZERO_HASH };

/** What the first entry of each pair continues, the range cannot know. */
export class PairCheck {
  readonly #findings: Findings;
  readonly #heads = new Map<string, PairHead>();
  readonly #tails = new Map<string, PairTail>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  see({ index, leaf, claimed }: SeenLeaf, { dir, peer, n, prev }: PairFields): void {
    const name = `${dir} ${peer}`;
    const tail = this.#tails.get(name);
    this.#tails.set(name, { n, leaf, claimed });
    if (tail === undefined) this.#heads.set(name, { index, n, prev });
    else judge({ name, head: { index, n, prev }, tail }, this.#findings);
  }

  spans(): PairSpan[] {
    return [...this.#tails].flatMap(([name, tail]) => {
      const head = this.#heads.get(name);
      return head === undefined ? [] : [{ name, head, tail }];
    });
  }
}

/** Joins ranges in the order of the log. */
export class PairJoin {
  readonly #tails = new Map<string, PairTail>();

  join(spans: readonly PairSpan[], findings: Findings): void {
    for (const { name, head, tail } of spans) {
      judge({ name, head, tail: this.#tails.get(name) ?? PAIR_START }, findings);
      this.#tails.set(name, tail);
    }
  }
}

/** Here `tail` is what `head` must continue. */
function judge({ name, head, tail }: PairSpan, findings: Findings): void {
  const { index, n, prev } = head;
  if (n !== tail.n + 1) {
    const message = `pair counter ${name} goes from ${tail.n} to ${n}`;
    findings.add({ class: n > tail.n ? 'gap' : 'chain-broken', index, message } satisfies Failure);
  } else if (prev !== tail.leaf && prev !== tail.claimed) {
    const message = `pair.prev is not the leaf hash of ${name} ${tail.n}`;
    findings.add({ class: 'chain-broken', index, message });
  }
}
