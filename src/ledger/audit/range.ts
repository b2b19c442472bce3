/** What travels between an audit and those who scan its ranges; all of it can be sent to another thread. */
import type { ChainState } from './chain-check.ts';
import type { MatchedLedger, RangeClaims } from './claims.ts';
import type { PairSpan } from './pair-check.ts';
import type { Failure } from './report.ts';
import type { Sm3Range } from './sm3-check.ts';

export interface PlannedLedger extends Omit<MatchedLedger, 'files'> {
  /** Undefined when the log is nobody's we know. */
  readonly trustedMember: string | undefined;
}

export interface AuditPlan {
  readonly ledgers: readonly PlannedLedger[];
  readonly registryDigests: ReadonlyMap<number, string>;
  /** Recompute the SM3 trees too. */
  readonly sm3: boolean;
}

/** A power of two, so that ranges are perfect subtrees; 64 tiles are a twentieth of a second. */
export const RANGE_ENTRIES = 16_384;

/** Entries [start, end) of the ledger at that place of the plan. */
export interface RangeTask {
  readonly ledger: number;
  readonly start: number;
  readonly end: number;
  /** Where the range before is judged already. */
  readonly from?: ChainState | undefined;
}

export interface RangeResult {
  readonly failures: readonly Failure[];
  /** Behind the last entry. */
  readonly state: ChainState;
  readonly pairs: readonly PairSpan[];
  /** Roots of whole tiles, 32 bytes each. */
  readonly tiles: Uint8Array;
  /** Leaves of the log's last tile, whole or not: only the signed root judges the last entry. */
  readonly edge: Uint8Array | undefined;
  /** Undefined when the last entry cannot be read. */
  readonly lastEntryAt: string | undefined;
  /** The export ends in this range. */
  readonly isStopped: boolean;
  readonly sm3: Sm3Range | undefined;
  readonly claims: RangeClaims;
}
