/** SQL of reconciliation: what was sent to a peer, page by page. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { DeliveryState } from '../delivery/delivery-store.ts';

export interface SentDelivery {
  readonly mid: string;
  readonly state: DeliveryState;
  /** Of the peer's entry, as the acceptance that we hold proves it. */
  readonly leaf: string | null;
}

export interface SentQuestion {
  readonly peer: MemberId;
  readonly since: Date;
  /** Last mid of the page before. */
  readonly after: string;
  readonly limit: number;
}

/** What never left is not asked about. */
export async function sentSince(
  database: Queryable,
  { peer, since, after, limit }: SentQuestion,
): Promise<readonly SentDelivery[]> {
  const { rows } = await database.query<SentDelivery>(
    `SELECT mid, state, receipt::jsonb ->> 'leaf' AS leaf FROM delivery
     WHERE recipient = $1 AND created_at >= $2 AND first_sent_at IS NOT NULL
       AND mid > coalesce(nullif($3, '')::uuid, '00000000-0000-0000-0000-000000000000')
     ORDER BY mid LIMIT $4`,
    [peer, since, after, limit],
  );
  return rows;
}

export async function endPausesOf(
  database: Queryable,
  { mids, now }: { readonly mids: readonly string[]; readonly now: Date },
): Promise<void> {
  if (mids.length === 0) return;
  await database.query(
    `UPDATE delivery SET due_at = $2 WHERE mid = ANY ($1::uuid[]) AND state IN ('pending', 'sent') AND NOT leased`,
    [mids, now],
  );
}
