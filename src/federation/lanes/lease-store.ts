/** SQL of leases that are ended before their time. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';

/** Of a claim that ends at `until` and is none of `held`; after another worker took the row over, its lease ends later. */
export async function endLease(
  database: Queryable,
  lease: {
    readonly recipient: MemberId;
    readonly until: Date;
    readonly held: readonly string[];
    readonly dueAt: Date;
  },
): Promise<void> {
  await database.query(
    `UPDATE delivery SET due_at = $4, leased = false
     WHERE recipient = $1 AND state = 'sent' AND leased AND due_at = $2 AND NOT mid = ANY ($3::uuid[])`,
    [lease.recipient, lease.until, lease.held, lease.dueAt],
  );
}
