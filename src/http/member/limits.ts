/** Limits of the member plane; docs/limits.md tells what each is for. */
import type { PaceLimits } from '../limits/pace.ts';

export interface MemberLimits extends PaceLimits {
  /** Of one token subject; saved up to a minute's worth. */
  readonly requestsPerMinute: number;
  /** Refused tokens of one address. */
  readonly refusedTokensPerMinute: number;
  /** Bytes of a JSON body. Streams (NDJSON, files) have no such limit. */
  readonly jsonBytes: number;
  /** Milliseconds for a JSON body. */
  readonly jsonTimeoutMs: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly newConnectionsPerSecond: number;
  readonly headersTimeoutMs: number;
  /** A connection on which nothing moves. */
  readonly idleTimeoutMs: number;
  readonly maxHeaders: number;
}

export const defaultMemberLimits: MemberLimits = {
  requestsPerMinute: 6000,
  refusedTokensPerMinute: 120,
  jsonBytes: 4 << 20,
  jsonTimeoutMs: 30_000,
  connections: 512,
  connectionsPerAddress: 256,
  newConnectionsPerSecond: 200,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: 120_000,
  maxHeaders: 64,
  // A member's own export may trickle; only silence by another name is cut.
  minBytesPerSecond: 256,
  paceGraceMs: 30_000,
};
