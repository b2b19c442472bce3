/** Receipts of a peer for what lies behind the end of an export: honest only while the export is older than they are. */
import type { EntryFields } from '../entry-grammar.ts';
import type { MatchedLedger } from './match.ts';
import type { Failure } from './report.ts';

/** The clocks of two members, each of which may be off by a minute. */
const SKEW_MS = 120_000;

interface Receipt {
  readonly from: MatchedLedger;
  readonly target: MatchedLedger;
  readonly index: number;
  readonly at: string;
  /** Entries that the target had when the receipt was written. */
  readonly size: number;
}

export interface Rollback {
  readonly from: MatchedLedger;
  readonly target: MatchedLedger;
  readonly failure: Failure;
}

/**
 * An export cannot be older than its last entry, nor than the time before which the auditor knows that no export was
 * made. A receipt from before that, for more entries than the export has, says that entries were taken away.
 */
export class ReceiptsBeyond {
  readonly #asOf: number;
  /** The earliest of each pair: if any is too early for its export, this one is. */
  readonly #earliest = new Map<string, Receipt>();
  readonly #lastEntryAt = new Map<MatchedLedger, string>();

  constructor(asOf: Date | undefined) {
    this.#asOf = asOf?.getTime() ?? -Infinity;
  }

  see(
    from: MatchedLedger,
    target: MatchedLedger,
    { index, fields }: { index: number; fields: EntryFields },
  ): void {
    const { counter, at } = fields;
    const size = Math.max(counter?.size ?? 0, (counter?.index ?? -1) + 1);
    if (size <= target.size) return;
    const name = `${from.directory}\n${target.directory}`;
    const known = this.#earliest.get(name);
    if (known === undefined || at < known.at) this.#earliest.set(name, { from, target, index, at, size });
  }

  ended(ledger: MatchedLedger, lastEntryAt: string | undefined): void {
    if (lastEntryAt !== undefined) this.#lastEntryAt.set(ledger, lastEntryAt);
  }

  rollbacks(): Rollback[] {
    return [...this.#earliest.values()].flatMap(({ from, target, index, at, size }) => {
      const madeAfter = Math.max(this.#asOf, Date.parse(this.#lastEntryAt.get(target) ?? '') || -Infinity);
      if (Date.parse(at) + SKEW_MS >= madeAfter) return [];
      const message = `${target.member} had ${size} entries at ${at}, its later export ends at ${target.size}`;
      return [{ from, target, failure: { class: 'fork', index, member: from.member, message } }];
    });
  }
}
