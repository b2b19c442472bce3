/** The layers that live in the entries themselves: form, place, hash chain, pair counters, member, registry. */
import { ZERO_HASH } from '../entry.ts';
import type { EntryFields, PairFields } from '../entry-grammar.ts';
import type { Findings } from './report.ts';

export interface ChainRules {
  /** Undefined when the log is nobody's we know. */
  readonly member: string | undefined;
  /** Serial to digest, as far as they are known. */
  readonly registryDigests: ReadonlyMap<number, string>;
}

/** One entry as the scan met it; digests are hex. */
export interface SeenEntry {
  readonly index: number;
  /** Of the entry's bytes. */
  readonly leaf: string;
  /** What the level-0 tile says; undefined when there is no such tile. */
  readonly claimed: string | undefined;
  /** Undefined when the bytes are no canonical entry. */
  readonly fields: EntryFields | undefined;
}

interface PairTail {
  readonly n: number;
  readonly leaf: string;
  readonly claimed: string | undefined;
}

interface Link {
  readonly entry: SeenEntry;
  readonly prev: string;
  readonly before: SeenEntry;
  readonly wasSound: boolean;
}

const LOG_START: SeenEntry = { index: -1, leaf: ZERO_HASH, claimed: ZERO_HASH, fields: undefined };
const PAIR_START: PairTail = { n: 0, leaf: ZERO_HASH, claimed: ZERO_HASH };

export class ChainCheck {
  readonly #rules: ChainRules;
  readonly #findings: Findings;
  readonly #pairs = new Map<string, PairTail>();
  #before: SeenEntry | undefined = LOG_START;
  /** The entry before stands in its place and continues the chain: only then may it testify against its tile. */
  #isSound = true;

  constructor(rules: ChainRules, findings: Findings) {
    this.#rules = rules;
    this.#findings = findings;
  }

  /**
   * Returns whether the entry before was rather right than its tile, known only now: where entry and tile disagree,
   * the next entry's `prev` is the witness.
   */
  see(entry: SeenEntry): boolean {
    const before = this.#before;
    const wasSound = this.#isSound;
    this.#before = entry;
    this.#isSound = false;
    if (entry.fields === undefined) {
      this.#findings.add({ class: 'entry-altered', index: entry.index, message: NOT_CANONICAL });
      this.#judgeUnchained(before);
      return false;
    }
    this.#checkFacts(entry.index, entry.fields);
    if (entry.fields.pair !== undefined) this.#checkPair(entry, entry.fields.pair);
    if (before === undefined) {
      this.#isSound = entry.fields.seq === entry.index;
      return false;
    }
    return this.#checkPrev({ entry, prev: entry.fields.prev, before, wasSound });
  }

  /** An entry that is not there: the chain starts anew behind it. */
  skip(): void {
    const before = this.#before;
    this.#before = undefined;
    this.#judgeUnchained(before);
  }

  /** The last entry has no follower to witness for it; the tree's root does it instead. */
  end(wasTileWrong: boolean): void {
    const last = this.#before;
    if (last === undefined || !disagrees(last)) return;
    if (wasTileWrong) this.#findings.add(tileWrong(last.index));
    else this.#findings.add(entryAltered(last.index));
  }

  #checkPrev({ entry, prev, before, wasSound }: Link): boolean {
    const { index } = entry;
    const isTileWrong = disagrees(before) && wasSound && prev === before.leaf;
    if (isTileWrong) this.#findings.add(tileWrong(before.index));
    else if (disagrees(before)) this.#findings.add(entryAltered(before.index));
    if (prev === (isTileWrong ? before.leaf : (before.claimed ?? before.leaf))) {
      this.#isSound = entry.fields?.seq === index;
    } else {
      this.#findings.add({ class: 'chain-broken', index, message: 'prev is not the leaf hash before it' });
    }
    return isTileWrong;
  }

  #judgeUnchained(before: SeenEntry | undefined): void {
    if (before !== undefined && disagrees(before)) this.#findings.add(entryAltered(before.index));
  }

  #checkFacts(index: number, fields: EntryFields): void {
    if (fields.seq > index) {
      this.#findings.add({
        class: 'gap',
        index,
        message: `entry ${fields.seq} stands where ${index} should`,
      });
    } else if (fields.seq < index) {
      const message = `entry ${fields.seq} stands where ${index} should`;
      this.#findings.add({ class: 'chain-broken', index, message });
    }
    if (this.#rules.member !== undefined && fields.member !== this.#rules.member) {
      const message = `entry is of ${fields.member}, the log of ${this.#rules.member}`;
      this.#findings.add({ class: 'entry-altered', index, message });
    }
    const digest = this.#rules.registryDigests.get(fields.registry.serial);
    if (digest !== undefined && digest !== fields.registry.sha256) {
      const message = `entry was made under another registry ${fields.registry.serial} than the alliance's`;
      this.#findings.add({ class: 'fork', index, message });
    }
  }

  #checkPair(entry: SeenEntry, pair: PairFields): void {
    const name = `${pair.dir} ${pair.peer}`;
    const tail = this.#pairs.get(name) ?? PAIR_START;
    this.#pairs.set(name, { n: pair.n, leaf: entry.leaf, claimed: entry.claimed });
    const { index } = entry;
    if (pair.n !== tail.n + 1) {
      const message = `pair counter ${name} goes from ${tail.n} to ${pair.n}`;
      this.#findings.add({ class: pair.n > tail.n ? 'gap' : 'chain-broken', index, message });
    } else if (pair.prev !== tail.leaf && pair.prev !== tail.claimed) {
      const message = `pair.prev is not the leaf hash of ${name} ${tail.n}`;
      this.#findings.add({ class: 'chain-broken', index, message });
    }
  }
}

const NOT_CANONICAL = 'entry is not canonical JSON of a known form';

export function disagrees(entry: SeenEntry): boolean {
  return entry.claimed !== undefined && entry.claimed !== entry.leaf;
}

function tileWrong(index: number) {
  return { class: 'tile-mismatch', index, message: 'level-0 tile differs from the entry' } as const;
}

function entryAltered(index: number) {
  return { class: 'entry-altered', index, message: 'leaf hash of the body differs from the tree' } as const;
}
