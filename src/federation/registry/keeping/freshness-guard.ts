/** Holds the newest freshness statement and answers whether live traffic may rely on the registry. */
import { GatewayError } from '../../../core/errors.ts';
import type { JsonValue } from '../../../core/canonical.ts';
import type { FreshnessStatement } from '../freshness.ts';
import type { RegistryBody } from '../registry-types.ts';

export interface FreshnessGuard {
  /**
   * A verified statement about the current registry. The one before lives on until its own end. One from ahead of `now`
   * is passed over, or a signer whose clock was wrong once would outbid its own good statements.
   */
  remember(statement: FreshnessStatement, document: JsonValue, now: Date): void;
  /** The newest statement as it was signed, for peers; undefined when there was none. */
  document(): JsonValue | undefined;
  /** End of the newest statement. */
  until(): Date | undefined;
  /** Throws `registry.expired` or `registry.stale`. */
  assert(body: RegistryBody, now: Date): void;
}

interface Remembered {
  /** Milliseconds. */
  readonly from: number;
  readonly until: number;
  readonly document: JsonValue;
}

/** A statement from further ahead means that one clock is wrong: that never makes a registry fresh. */
const CLOCK_SKEW_MS = 60_000;
const NONE = { from: 0, until: Number.NEGATIVE_INFINITY };

export function createFreshnessGuard(graceSeconds: number): FreshnessGuard {
  let fresh: Remembered | undefined;
  return {
    remember: (statement, document, now) => {
      const until = Date.parse(statement.expiresAt);
      const from = Date.parse(statement.issuedAt);
      if (from - CLOCK_SKEW_MS > now.getTime()) return;
      if (until > (fresh ?? NONE).until) fresh = { from, until, document };
    },
    until: () => (fresh === undefined ? undefined : new Date(fresh.until)),
    document: () => fresh?.document,
    assert: (body, now) => {
      const at = now.getTime();
      if (at > Date.parse(body.expiresAt)) throw new GatewayError('registry.expired');
      const { from, until } = fresh ?? NONE;
      if (at > until + graceSeconds * 1000 || at < from - CLOCK_SKEW_MS)
        throw new GatewayError('registry.stale');
    },
  };
}
