/** Lays ledgers side by side: what one says of the other must stand in the other. */
import { COUNTERPART, type MatchedLedger, type RangeClaims, type Unnamed } from './claims.ts';
import { earlier, isRollback, type ReceiptBeyond } from './receipts-beyond.ts';
import { Findings, type PairResult } from './report.ts';
import type { SeenEntry } from './seen-entry.ts';

interface Pair {
  readonly a: MatchedLedger;
  readonly b: MatchedLedger;
  readonly findings: Findings;
  matched: number;
  open: number;
}

/** Ledgers are named by their place. */
export class Matcher {
  readonly #ledgers: readonly MatchedLedger[];
  readonly #pairs = new Map<string, Pair>();
  /** By the ledger to look in, then by kind, member and id. */
  readonly #unnamed = new Map<number, Map<string, Unnamed>>();
  /** By the ledger that holds them, then by the one they are about. */
  readonly #beyond = new Map<number, Map<number, ReceiptBeyond>>();

  constructor(ledgers: readonly MatchedLedger[]) {
    this.#ledgers = ledgers;
    ledgers.forEach((a, i) => {
      ledgers.slice(i + 1).forEach((b, k) => {
        const pair = { a, b, findings: new Findings(), matched: 0, open: 0 };
        this.#pairs.set(pairName(i, i + 1 + k), pair);
        if (a.origin === b.origin) compareCopies(pair);
      });
    });
  }

  /** In the order of the ledgers, and of their entries. */
  join({ from, named, unnamed }: RangeClaims): void {
    for (const { target, matched, open, beyond, failures } of named) {
      const pair = this.#pair(from, target);
      this.#keepBeyond(from, target, beyond);
      pair.matched += matched;
      pair.open += open;
      for (const failure of failures) pair.findings.add(failure);
    }
    for (const statement of unnamed) this.#remember(statement);
  }

  /**
   * Reads through the ledgers that unnamed statements point at. `scan` yields every entry of one; `madeAfter` says before
   * which time (ms) its export was not made.
   */
  finish(
    scan: (ledger: MatchedLedger) => Iterable<SeenEntry>,
    madeAfter: (place: number) => number,
  ): PairResult[] {
    this.#judgeBeyond(madeAfter);
    for (const [place, statements] of this.#unnamed) {
      const ledger = this.#ledgers[place];
      if (ledger !== undefined) this.#searchUnnamed(ledger, statements, scan(ledger));
    }
    return [...this.#pairs.values()].map(({ a, b, matched, open, findings }) => {
      return { a: a.member, b: b.member, matched, open, failures: findings.list() };
    });
  }

  #keepBeyond(from: number, target: number, receipt: ReceiptBeyond | undefined): void {
    const receipts = this.#beyond.get(from) ?? new Map<number, ReceiptBeyond>();
    this.#beyond.set(from, receipts);
    const earliest = earlier(receipts.get(target), receipt);
    if (earliest !== undefined) receipts.set(target, earliest);
  }

  #judgeBeyond(madeAfter: (place: number) => number): void {
    for (const [from, receipts] of this.#beyond) {
      for (const [target, receipt] of receipts) {
        if (!isRollback(receipt, madeAfter(target))) continue;
        const { member: cut, size: end } = this.#ledgers[target] ?? {};
        const member = this.#ledgers[from]?.member ?? '';
        const message = `${cut} had ${receipt.size} entries at ${receipt.at}, its later export ends at ${end}`;
        this.#pair(from, target).findings.add({ class: 'fork', index: receipt.index, member, message });
      }
    }
  }

  #remember(statement: Unnamed): void {
    const { from, target, kind, mid } = statement;
    const statements = this.#unnamed.get(target) ?? new Map<string, Unnamed>();
    this.#unnamed.set(target, statements);
    statements.set(`${COUNTERPART.get(kind)} ${this.#ledgers[from]?.member} ${mid}`, statement);
  }

  #searchUnnamed(
    ledger: MatchedLedger,
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
      this.#pair(statement.from, statement.target).matched += 1;
      statements.delete(name);
    }
    for (const { from, target, index, at, kind } of statements.values()) {
      const pair = this.#pair(from, target);
      if (at > lastTime) {
        pair.open += 1;
      } else {
        const message = `${ledger.member} has no ${COUNTERPART.get(kind)} for this ${kind}`;
        const member = this.#ledgers[from]?.member ?? '';
        pair.findings.add({ class: 'peer-disagrees', index, member, message });
      }
    }
  }

  #pair(x: number, y: number): Pair {
    const pair = this.#pairs.get(x < y ? pairName(x, y) : pairName(y, x));
    if (pair === undefined) throw new Error('ledgers of no pair');
    return pair;
  }
}

/** Two exports of one log: the shorter must be a beginning of the longer. */
function compareCopies(pair: Pair): void {
  const [short, long] = pair.a.size <= pair.b.size ? [pair.a, pair.b] : [pair.b, pair.a];
  if (short.size === 0 || long.files.rootAt(short.size, long.size) === short.root) return;
  const message = `two exports of ${short.origin} have different roots for size ${short.size}`;
  pair.findings.add({ class: 'fork', member: short.member, message });
}

function pairName(a: number, b: number): string {
  return `${a} ${b}`;
}
