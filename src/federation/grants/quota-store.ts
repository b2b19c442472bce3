/** Counts acts under grants that have a quota, in the transaction of the act: exact across requests and processes. */
import { GatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { QuotaOfGrant } from '../grants.ts';
import { dayOf, opensAt } from './quota-day.ts';

export interface CountedAct {
  /** Who acts: a peer for what comes in, this member for what it does itself. */
  readonly member: MemberId;
  readonly quotas: readonly QuotaOfGrant[];
  readonly now: Date;
  /** How many at once. Default 1. */
  readonly amount?: number;
}

/**
 * No row comes back when the act would go beyond `perDay`. The row stays locked until the caller's transaction ends:
 * whoever comes second waits, and counts on from what was committed.
 */
const COUNT = `
  INSERT INTO grant_use AS u (grant_id, member, day, used)
  SELECT $1, $2, $3::date, $4::bigint WHERE $4::bigint <= $5::bigint
  ON CONFLICT (grant_id, member, day) DO UPDATE SET used = u.used + excluded.used
    WHERE u.used + excluded.used <= $5::bigint
  RETURNING used`;

/**
 * Call it before the transaction's other statements. Returns the grant that the act counts under: the first in the
 * registry's order that is not used up. Throws grant.quota-exceeded.
 */
export async function countAct(tx: Queryable, act: CountedAct): Promise<string> {
  const { member, quotas, now, amount = 1 } = act;
  for (const { grant, perDay } of quotas) {
    const counted = await tx.query<{ used: number }>(COUNT, [grant, member, dayOf(now), amount, perDay]);
    if (counted.rows.length > 0) return grant;
  }
  throw quotaExceeded(act);
}

/** Acts of today by grant; a grant without any is missing. */
export async function usedToday(
  database: Queryable,
  {
    member,
    grants,
    now,
  }: { readonly member: MemberId; readonly grants: readonly string[]; readonly now: Date },
): Promise<ReadonlyMap<string, number>> {
  if (grants.length === 0) return new Map();
  const { rows } = await database.query<{ grant_id: string; used: number }>(
    `SELECT grant_id, used FROM grant_use WHERE member = $1 AND day = $2::date AND grant_id = ANY ($3::text[])`,
    [member, dayOf(now), grants],
  );
  return new Map(rows.map(({ grant_id, used }) => [grant_id, used]));
}

function quotaExceeded({ quotas, now, amount = 1 }: CountedAct): GatewayError {
  const opens = opensAt(now);
  const [{ grant, perDay } = { grant: '', perDay: 0 }] = quotas;
  // More than a whole day's quota at once never fits, however long one waits.
  const hopeless = quotas.every((quota) => amount > quota.perDay);
  const when = hopeless ? 'ask for fewer at once' : `it opens again at ${opens.toISOString()}`;
  const wait = Math.max(1, Math.ceil((opens.getTime() - now.getTime()) / 1000));
  return new GatewayError(
    'grant.quota-exceeded',
    `grant ${grant} permits ${perDay} acts in one UTC day, and ${amount} more would go beyond; ${when}`,
    {
      facts: {
        unmet: 'quota',
        grant,
        perDay,
        ...(hopeless ? {} : { opensAt: opens.toISOString(), retryAfterSeconds: wait }),
      },
    },
  );
}
