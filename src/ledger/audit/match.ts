/** Lays ledgers side by side: what one says of the other must stand in the other. */
import { readEntry, type CounterFields, type EntryFields } from '../entry-grammar.ts';
import { leafHash } from '../tree/merkle.ts';
import type { SeenEntry } from './chain-check.ts';
import type { ExportFiles } from './export-files.ts';
import { ReceiptsBeyond } from './receipts-beyond.ts';
import { Findings, type PairResult } from './report.ts';

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
const COUNTERPART: Readonly<Record<string, string>> = {
  'message.accepted': 'message.offered',
  'message.acknowledged': 'message.accepted',
  'pull.served': 'pull.opened',
  'pull.completed': 'pull.served',
};

/** A statement that names no entry of the other side; it is looked for by its id. */
interface Unnamed {
  readonly from: MatchedLedger;
  readonly index: number;
  readonly at: string;
  readonly kind: string;
}

interface Pair {
  readonly a: MatchedLedger;
  readonly b: MatchedLedger;
  readonly findings: Findings;
  matched: number;
  open: number;
}

export class Matcher {
  readonly #ledgers: readonly MatchedLedger[];
  readonly #pairs = new Map<string, Pair>();
  /** By the ledger to look in, then by kind and id. */
  readonly #unnamed = new Map<MatchedLedger, Map<string, Unnamed>>();
  readonly #beyond: ReceiptsBeyond;

  /** @param asOf a time before which none of the exports was made. */
  constructor(ledgers: readonly MatchedLedger[], asOf?: Date) {
    this.#ledgers = ledgers;
    this.#beyond = new ReceiptsBeyond(asOf);
    ledgers.forEach((a, i) => {
      for (const b of ledgers.slice(i + 1)) {
        const pair = { a, b, findings: new Findings(), matched: 0, open: 0 };
        this.#pairs.set(pairName(a, b), pair);
        if (a.origin === b.origin) compareCopies(pair);
      }
    });
  }

  /** One entry of `from`, in the order of its log. */
  see(from: MatchedLedger, entry: SeenEntry): void {
    const { fields, index } = entry;
    if (fields === undefined) return;
    if (fields.counter !== undefined) {
      const target = this.#ledgers.find((ledger) => ledger.origin === fields.counter?.origin);
      if (target !== undefined && target.origin !== from.origin) {
        this.#checkCounter({ from, target, index, fields, counter: fields.counter });
      }
    } else if (fields.kind in COUNTERPART && fields.mid !== undefined && fields.pair !== undefined) {
      this.#remember(from, index, fields);
    }
  }

  /** All entries of `ledger` were seen. */
  ended(ledger: MatchedLedger, lastEntryAt: string | undefined): void {
    this.#beyond.ended(ledger, lastEntryAt);
  }

  /** Reads through the ledgers that unnamed statements point at; `scan` yields every entry of one. */
  finish(scan: (ledger: MatchedLedger) => Iterable<SeenEntry>): PairResult[] {
    for (const [ledger, statements] of this.#unnamed) this.#searchUnnamed(ledger, statements, scan(ledger));
    for (const { from, target, failure } of this.#beyond.rollbacks()) {
      this.#pair(from, target).findings.add(failure);
    }
    return [...this.#pairs.values()].map(({ a, b, matched, open, findings }) => {
      return { a: a.member, b: b.member, matched, open, failures: findings.list() };
    });
  }

  #checkCounter(claim: CounterClaim): void {
    const { from, target, index, counter } = claim;
    const pair = this.#pair(from, target);
    this.#beyond.see(from, target, claim);
    if (counter.index >= target.size) {
      pair.open += 1;
      return;
    }
    const problem = disagreement(claim);
    if (problem !== undefined) {
      pair.findings.add({ class: 'peer-disagrees', index, member: from.member, message: problem });
      return;
    }
    pair.matched += 1;
    if (counter.size === undefined || counter.root === undefined || counter.size > target.size) return;
    if (target.files.rootAt(counter.size, target.size) !== counter.root) {
      const message = `${target.member} once showed another root for size ${counter.size} than its export has`;
      pair.findings.add({ class: 'fork', index, member: from.member, message });
    }
  }

  #remember(from: MatchedLedger, index: number, fields: EntryFields): void {
    const target = this.#ledgers.find((ledger) => ledger.member === fields.pair?.peer);
    if (target === undefined || target.origin === from.origin) return;
    const statements = this.#unnamed.get(target) ?? new Map<string, Unnamed>();
    this.#unnamed.set(target, statements);
    const name = `${COUNTERPART[fields.kind]} ${from.member} ${fields.mid}`;
    statements.set(name, { from, index, at: fields.at, kind: fields.kind });
  }

  #searchUnnamed(
    target: MatchedLedger,
    statements: Map<string, Unnamed>,
    entries: Iterable<SeenEntry>,
  ): void {
    let lastTime = '';
    for (const { fields } of entries) {
      if (fields === undefined) continue;
      lastTime = fields.at;
      const name = `${fields.kind} ${fields.pair?.peer} ${fields.mid}`;
      const statement = statements.get(name);
      if (statement === undefined) continue;
      this.#pair(statement.from, target).matched += 1;
      statements.delete(name);
    }
    for (const { from, index, at, kind } of statements.values()) {
      const pair = this.#pair(from, target);
      if (at > lastTime) pair.open += 1;
      else {
        const message = `${target.member} has no ${COUNTERPART[kind]} for this ${kind}`;
        pair.findings.add({ class: 'peer-disagrees', index, member: from.member, message });
      }
    }
  }

  #pair(x: MatchedLedger, y: MatchedLedger): Pair {
    const pair = this.#pairs.get(pairName(x, y)) ?? this.#pairs.get(pairName(y, x));
    if (pair === undefined) throw new Error('ledgers of no pair');
    return pair;
  }
}

interface CounterClaim {
  readonly from: MatchedLedger;
  readonly target: MatchedLedger;
  readonly index: number;
  readonly fields: EntryFields;
  readonly counter: CounterFields;
}

/** Why the other ledger's entry is not the one that this entry names; undefined when it is. */
function disagreement({ from, target, fields, counter }: CounterClaim): string | undefined {
  const bytes = target.files.entry(counter.index, target.size);
  if (bytes === undefined) return `${target.member} has no entry ${counter.index}`;
  if (leafHash(bytes).toString('hex') !== counter.leaf) {
    return `entry ${counter.index} of ${target.member} is another than the one it showed`;
  }
  const other = readEntry(bytes.toString('latin1'));
  if (other?.pair?.peer !== from.member)
    return `entry ${counter.index} of ${target.member} names another peer`;
  if (other.mid !== fields.mid) return `entry ${counter.index} of ${target.member} has another mid`;
  const expected = COUNTERPART[fields.kind];
  if (expected !== undefined && other.kind !== expected) {
    return `entry ${counter.index} of ${target.member} is ${other.kind}, expected ${expected}`;
  }
  return undefined;
}

/** Two exports of one log: the shorter must be a beginning of the longer. */
function compareCopies(pair: Pair): void {
  const [short, long] = pair.a.size <= pair.b.size ? [pair.a, pair.b] : [pair.b, pair.a];
  if (short.size === 0 || long.files.rootAt(short.size, long.size) === short.root) return;
  const message = `two exports of ${short.origin} have different roots for size ${short.size}`;
  pair.findings.add({ class: 'fork', member: short.member, message });
}

function pairName(a: MatchedLedger, b: MatchedLedger): string {
  return `${a.directory}\n${b.directory}`;
}
