/** SQL of the end of a delivery that did not arrive: what has outlived its time, and our statement about it. */
import type { Queryable } from '../../storage/database.ts';
import { CLAIMED, type ClaimedDelivery, type Lease } from '../delivery/delivery-store.ts';

/** Our signed statement about a delivery that did not arrive. */
export async function keepEvidence(
  tx: Queryable,
  mid: string,
  evidence: { readonly statement: string; readonly ledgerKey: Buffer },
): Promise<void> {
  await tx.query('UPDATE delivery SET evidence = $2, evidence_key = $3 WHERE mid = $1', [
    mid,
    evidence.statement,
    evidence.ledgerKey,
  ]);
}

/** Takes deliveries past their life that no worker holds; what is known of their outcome stays. */
export async function leaseExpired(
  database: Queryable,
  lease: Lease,
  limit: number,
): Promise<readonly ClaimedDelivery[]> {
  const { rows } = await database.query<ClaimedDelivery>(
    `WITH old AS (
       SELECT mid FROM delivery d
       WHERE d.state IN ('pending', 'sent') AND d.expires_at <= $1 AND d.due_at <= $1
         AND EXISTS (SELECT 1 FROM ledger_entry l WHERE l.key = d.offer_key)
       ORDER BY d.expires_at LIMIT $3 FOR UPDATE SKIP LOCKED
     )
     UPDATE delivery d SET due_at = $2, leased = true FROM old, outbox_envelope e
     WHERE d.mid = old.mid AND e.id = d.envelope_id
     RETURNING d.outcome_unknown AS "outcomeUnknown", ${CLAIMED}`,
    [lease.now, lease.until, limit],
  );
  return rows;
}
