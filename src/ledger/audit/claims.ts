/** What the entries of one range say of other ledgers, held against those. */
import { readEntry, type CounterFields, type EntryFields } from '../entry-grammar.ts';
import { leafHash } from '../tree/merkle.ts';
import type { ExportFiles } from './export-files.ts';
import { earlier, receiptBeyond, type ReceiptBeyond } from './receipts-beyond.ts';
import { Findings, type Failure } from './report.ts';
import type { SeenEntry } from './seen-entry.ts';

/** A ledger whose checkpoint could be read. */
export interface MatchedLedger {
  readonly directory: string;
  readonly member: string;
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly files: ExportFiles;
}

/** What the counter of an entry must be, where the protocol fixes it. */
export const COUNTERPART: ReadonlyMap<string, string> = new Map([
  ['message.accepted', 'message.offered'],
  ['message.acknowledged', 'message.accepted'],
  ['pull.served', 'pull.opened'],
  ['pull.completed', 'pull.served'],
]);

/** A statement that names no entry of the other side; it is looked for by its id. Ledgers are named by their place. */
export interface Unnamed {
  readonly from: number;
  readonly target: number;
  readonly mid: string;
  readonly index: number;
  readonly at: string;
  readonly kind: string;
}

/** Statements that name an entry of `target`. */
export interface Named {
  readonly target: number;
  readonly matched: number;
  readonly open: number;
  /** The earliest receipt for more than `target` exported. */
  readonly beyond: ReceiptBeyond | undefined;
  readonly failures: readonly Failure[];
}

export interface RangeClaims {
  readonly from: number;
  readonly named: readonly Named[];
  readonly unnamed: readonly Unnamed[];
}

interface Tally {
  readonly findings: Findings;
  matched: number;
  open: number;
  beyond: ReceiptBeyond | undefined;
}

interface CounterClaim {
  readonly target: MatchedLedger;
  readonly index: number;
  readonly fields: EntryFields;
  readonly counter: CounterFields;
}

export class ClaimCheck {
  readonly #ledgers: readonly MatchedLedger[];
  readonly #place: number;
  readonly #from: MatchedLedger;
  readonly #tallies = new Map<number, Tally>();
  readonly #unnamed: Unnamed[] = [];

  constructor(ledgers: readonly MatchedLedger[], place: number) {
    const from = ledgers[place];
    if (from === undefined) throw new Error(`no ledger ${place}`);
    this.#ledgers = ledgers;
    this.#place = place;
    this.#from = from;
  }

  see({ fields, index }: SeenEntry): void {
    if (fields === undefined || this.#ledgers.length < 2) return;
    const { counter } = fields;
    if (counter !== undefined) {
      const place = this.#other((ledger) => ledger.origin === counter.origin);
      const target = this.#ledgers[place];
      if (target !== undefined) this.#check(this.#tally(place), { target, index, fields, counter });
    } else if (COUNTERPART.has(fields.kind) && fields.mid !== undefined && fields.pair !== undefined) {
      const target = this.#other((ledger) => ledger.member === fields.pair?.peer);
      const { mid, at, kind } = fields;
      if (target >= 0) this.#unnamed.push({ from: this.#place, target, mid, index, at, kind });
    }
  }

  end(): RangeClaims {
    const named = [...this.#tallies].map(([target, { matched, open, beyond, findings }]) => {
      return { target, matched, open, beyond, failures: findings.list() };
    });
    return { from: this.#place, named, unnamed: this.#unnamed };
  }

  /** −1 when it is none of these ledgers, or another export of our own. */
  #other(isIt: (ledger: MatchedLedger) => boolean): number {
    const place = this.#ledgers.findIndex(isIt);
    return this.#ledgers[place]?.origin === this.#from.origin ? -1 : place;
  }

  #check(tally: Tally, claim: CounterClaim): void {
    const { target, index, counter } = claim;
    const { member } = this.#from;
    tally.beyond = earlier(tally.beyond, receiptBeyond(index, claim.fields, target.size));
    if (counter.index >= target.size) {
      tally.open += 1;
      return;
    }
    const problem = disagreement(claim, member);
    if (problem !== undefined) {
      tally.findings.add({ class: 'peer-disagrees', index, member, message: problem });
      return;
    }
    tally.matched += 1;
    if (counter.size === undefined || counter.root === undefined || counter.size > target.size) return;
    if (target.files.rootAt(counter.size, target.size) !== counter.root) {
      const message = `${target.member} once showed another root for size ${counter.size} than its export has`;
      tally.findings.add({ class: 'fork', index, member, message });
    }
  }

  #tally(target: number): Tally {
    const tally = this.#tallies.get(target) ?? {
      findings: new Findings(),
      matched: 0,
      open: 0,
      beyond: undefined,
    };
    this.#tallies.set(target, tally);
    return tally;
  }
}

/** Why the other ledger's entry is not the one that this entry names; undefined when it is. */
function disagreement({ target, fields, counter }: CounterClaim, member: string): string | undefined {
  const bytes = target.files.entry(counter.index, target.size);
  if (bytes === undefined) return `${target.member} has no entry ${counter.index}`;
  if (leafHash(bytes).toString('hex') !== counter.leaf) {
    return `entry ${counter.index} of ${target.member} is another than the one it showed`;
  }
  const other = readEntry(bytes.toString('latin1'));
  if (other?.pair?.peer !== member) return `entry ${counter.index} of ${target.member} names another peer`;
  if (other.mid !== fields.mid) return `entry ${counter.index} of ${target.member} has another mid`;
  const expected = COUNTERPART.get(fields.kind);
  if (expected !== undefined && other.kind !== expected) {
    return `entry ${counter.index} of ${target.member} is ${other.kind}, expected ${expected}`;
  }
  return undefined;
}
