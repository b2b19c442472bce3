/** The layers that live in the entries themselves: form, place, hash chain, pair counters, member, registry. */
import { ZERO_HASH } from '../entry.ts';
import type { EntryFields } from '../entry-grammar.ts';
import { PairCheck, type PairSpan } from './pair-check.ts';
import type { Findings } from './report.ts';
import { disagrees, type SeenEntry, type SeenLeaf } from './seen-entry.ts';

export interface ChainRules {
  /** Undefined when the log is nobody's we know. */
  readonly member: string | undefined;
  /** Serial to digest, as far as they are known. */
  readonly registryDigests: ReadonlyMap<number, string>;
}

/** What the next entry must continue. */
export interface ChainState {
  /** Undefined when the entry before is not there: the chain starts anew. */
  readonly before: SeenLeaf | undefined;
  /** The entry before stands in its place and continues the chain: only then may it testify against its tile. */
  readonly isSound: boolean;
}

interface Link {
  readonly entry: SeenEntry;
  readonly prev: string;
  readonly before: SeenLeaf;
  readonly wasSound: boolean;
}

export const LOG_START: ChainState = {
  before: { index: -1, leaf: ZERO_HASH, claimed: ZERO_HASH },
  isSound: true,
};

export class ChainCheck {
  readonly #rules: ChainRules;
  readonly #findings: Findings;
  readonly #pairs: PairCheck;
  #before: SeenLeaf | undefined;
  #isSound: boolean;

  constructor(rules: ChainRules, findings: Findings, from: ChainState) {
    this.#rules = rules;
    this.#findings = findings;
    this.#pairs = new PairCheck(findings);
    this.#before = from.before;
    this.#isSound = from.isSound;
  }

  get state(): ChainState {
    const { index, leaf, claimed } = this.#before ?? {};
    const before = index === undefined || leaf === undefined ? undefined : { index, leaf, claimed };
    return { before, isSound: this.#isSound };
  }

  pairs(): PairSpan[] {
    return this.#pairs.spans();
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
    // First, because where ranges meet the pairs are judged before all else, and of two failures at one place one is told.
    if (entry.fields.pair !== undefined) this.#pairs.see(entry, entry.fields.pair);
    this.#checkFacts(entry.index, entry.fields);
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

  /** Whether the entry behind, with this `prev`, shows that the last entry is rather right than its tile. */
  isTileWrong(prev: string): boolean {
    return isTileWrong({ before: this.#before, isSound: this.#isSound }, prev);
  }

  #checkPrev({ entry, prev, before, wasSound }: Link): boolean {
    const { index } = entry;
    const wasTileWrong = isTileWrong({ before, isSound: wasSound }, prev);
    if (wasTileWrong) this.#findings.add(tileWrong(before.index));
    else if (disagrees(before)) this.#findings.add(entryAltered(before.index));
    if (prev === (wasTileWrong ? before.leaf : (before.claimed ?? before.leaf))) {
      this.#isSound = entry.fields?.seq === index;
    } else {
      this.#findings.add({ class: 'chain-broken', index, message: 'prev is not the leaf hash before it' });
    }
    return wasTileWrong;
  }

  #judgeUnchained(before: SeenLeaf | undefined): void {
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
}

const NOT_CANONICAL = 'entry is not canonical JSON of a known form';

function isTileWrong({ before, isSound }: ChainState, prev: string): boolean {
  return before !== undefined && isSound && disagrees(before) && prev === before.leaf;
}

/** The last entry of a log has no follower to witness for it; the tree's root does it instead. */
export function judgeLast(last: SeenLeaf | undefined, wasTileWrong: boolean, findings: Findings): void {
  if (last === undefined || !disagrees(last)) return;
  findings.add(wasTileWrong ? tileWrong(last.index) : entryAltered(last.index));
}

function tileWrong(index: number) {
  return { class: 'tile-mismatch', index, message: 'level-0 tile differs from the entry' } as const;
}

function entryAltered(index: number) {
  return { class: 'entry-altered', index, message: 'leaf hash of the body differs from the tree' } as const;
}
