/** Receipts of a peer for what lies behind the end of an export: honest only while the export is older than they are. */
import type { Failure } from './report.ts';

/** The clocks of two members, each of which may be off by a minute. */
const SKEW_MS = 120_000;

/** An entry that says how many entries another ledger had, more than that ledger's export has. */
export interface ReceiptBeyond {
  readonly index: number;
  readonly at: string;
  readonly size: number;
}

/** If any receipt is too early for the export, the earliest is. */
export function earlier(
  a: ReceiptBeyond | undefined,
  b: ReceiptBeyond | undefined,
): ReceiptBeyond | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.at < a.at ? b : a;
}

interface Ledger {
  readonly member: string;
  readonly size: number;
}

/** Ledgers are named by their place. */
export interface Rollback {
  readonly from: number;
  readonly target: number;
  readonly failure: Failure;
}

/**
 * An export cannot be older than its last entry, nor than the time before which the auditor knows that no export was
 * made. A receipt from before that, for more entries than the export has, says that entries were taken away.
 */
export class ReceiptsBeyond {
  readonly #ledgers: readonly Ledger[];
  readonly #asOf: number;
  readonly #earliest = new Map<string, { from: number; target: number; receipt: ReceiptBeyond }>();
  readonly #lastEntryAt = new Map<number, string>();

  constructor(ledgers: readonly Ledger[], asOf: Date | undefined) {
    this.#ledgers = ledgers;
    this.#asOf = asOf?.getTime() ?? -Infinity;
  }

  see(from: number, target: number, receipt: ReceiptBeyond | undefined): void {
    const name = `${from} ${target}`;
    const earliest = earlier(this.#earliest.get(name)?.receipt, receipt);
    if (earliest !== undefined) this.#earliest.set(name, { from, target, receipt: earliest });
  }

  ended(place: number, lastEntryAt: string | undefined): void {
    if (lastEntryAt !== undefined) this.#lastEntryAt.set(place, lastEntryAt);
  }

  rollbacks(): Rollback[] {
    return [...this.#earliest.values()].flatMap(({ from, target, receipt }) => {
      const { index, at, size } = receipt;
      const madeAfter = Math.max(this.#asOf, Date.parse(this.#lastEntryAt.get(target) ?? '') || -Infinity);
      if (Date.parse(at) + SKEW_MS >= madeAfter) return [];
      const { member, size: end } = this.#ledgers[target] ?? { member: '', size: 0 };
      const message = `${member} had ${size} entries at ${at}, its later export ends at ${end}`;
      const failure = { class: 'fork', index, member: this.#ledgers[from]?.member ?? '', message } as const;
      return [{ from, target, failure }];
    });
  }
}
