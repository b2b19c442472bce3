/** Holds the newest freshness statement and answers whether live traffic may rely on the registry. */
import { GatewayError } from '../../core/errors.ts';
import type { FreshnessStatement } from '../freshness.ts';
import type { RegistryBody } from '../registry-types.ts';

export interface FreshnessGuard {
  /**
   * A verified statement about the current registry. The one before lives on until its own end. One from ahead of `now`
   * is passed over, or a signer whose clock was wrong once would outbid its own good statements.
   */
  remember(statement: FreshnessStatement, now: Date): void;
  /** Throws `registry.expired` or `registry.stale`. */
  assert(body: RegistryBody, now: Date): void;
}

/** A statement from further ahead means that one clock is wrong: that never makes a registry fresh. */
const CLOCK_SKEW_MS = 60_000;
const NONE = { from: 0, until: Number.NEGATIVE_INFINITY };

export function createFreshnessGuard(graceSeconds: number): FreshnessGuard {
  let fresh: { readonly from: number; readonly until: number } | undefined;
  return {
    remember: (statement, now) => {
      const until = Date.parse(statement.expiresAt);
      const from = Date.parse(statement.issuedAt);
      if (from - CLOCK_SKEW_MS > now.getTime()) return;
      if (until > (fresh ?? NONE).until) fresh = { from, until };
    },
    assert: (body, now) => {
      const at = now.getTime();
      if (at > Date.parse(body.expiresAt)) throw new GatewayError('registry.expired');
      const { from, until } = fresh ?? NONE;
      if (at > until + graceSeconds * 1000 || at < from - CLOCK_SKEW_MS)
        throw new GatewayError('registry.stale');
    },
  };
}
