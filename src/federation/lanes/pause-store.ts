/** SQL of pauses: ended early when a peer is back, or when what was waited for is closed. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';

/** Ends the pauses of a peer's next deliveries: it is said to be back. */
export async function endPauses(
  database: Queryable,
  recipient: MemberId,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<void> {
  await database.query(
    `UPDATE delivery SET due_at = $2 WHERE mid IN (
       SELECT mid FROM delivery
       WHERE recipient = $1 AND state IN ('pending', 'sent') AND waits = 0 AND due_at > $2 AND NOT leased
       ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)`,
    [recipient, now, limit],
  );
}

/** Frees what waits for a delivery that was closed while the waiting one was being queued. */
export async function releaseStranded(database: Queryable): Promise<void> {
  await database.query(
    `WITH freed AS (
       DELETE FROM delivery_wait w USING delivery p
       WHERE p.mid = w.after_mid AND p.state NOT IN ('pending', 'sent') RETURNING w.mid
     ), counted AS (SELECT mid, count(*)::int AS n FROM freed GROUP BY mid)
     UPDATE delivery d SET waits = d.waits - f.n FROM counted f WHERE d.mid = f.mid`,
  );
}
