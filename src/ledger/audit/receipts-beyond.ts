/** Receipts of a peer for what lies behind the end of an export: honest only while the export is older than they are. */
import type { EntryFields } from '../entry-grammar.ts';

/** The clocks of two members, each of which may be off by a minute. */
const SKEW_MS = 120_000;

export interface ReceiptBeyond {
  /** Of the entry that holds it. */
  readonly index: number;
  readonly at: string;
  /** Entries that the other log had when the receipt was written. */
  readonly size: number;
}

/** What entry `index` holds of a log whose export has `size` entries; undefined when it ends within those. */
export function receiptBeyond(index: number, fields: EntryFields, size: number): ReceiptBeyond | undefined {
  const { counter, at } = fields;
  const known = Math.max(counter?.size ?? 0, (counter?.index ?? -1) + 1);
  return known > size ? { index, at, size: known } : undefined;
}

/** If any receipt of a log is too early for the other's export, the earliest one is. */
export function earlier(
  one: ReceiptBeyond | undefined,
  other: ReceiptBeyond | undefined,
): ReceiptBeyond | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.at < one.at ? other : one;
}

/**
 * An export cannot be older than its last entry, nor than the time before which the auditor knows that no export was
 * made. A receipt from before that, for more entries than the export has, says that entries were taken away.
 * @param madeAfter milliseconds since the epoch.
 */
export function isRollback({ at }: ReceiptBeyond, madeAfter: number): boolean {
  return Date.parse(at) + SKEW_MS < madeAfter;
}
