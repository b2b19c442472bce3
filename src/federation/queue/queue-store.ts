/** SQL of the queue as a person sees and settles it: per peer, one delivery, dead letters. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import { CLAIMED, type ClaimedDelivery, type DeliveryState, type Lease } from '../delivery/delivery-store.ts';

export interface PeerQueue {
  readonly peer: MemberId;
  /** Never sent yet. */
  readonly pending: number;
  /** Sent at least once, without an answer that counts. */
  readonly sent: number;
  /** Of these: those that wait for another message to be closed first. */
  readonly waiting: number;
  readonly oldestAt: Date | null;
  /** Refused or expired, and nobody has answered for it. */
  readonly dead: number;
}

export async function peerQueues(database: Queryable): Promise<readonly PeerQueue[]> {
  const { rows } = await database.query<PeerQueue>(
    `SELECT coalesce(o.recipient, d.recipient) AS peer, coalesce(pending, 0) AS pending, coalesce(sent, 0) AS sent,
       coalesce(waiting, 0) AS waiting, oldest AS "oldestAt", coalesce(dead, 0) AS dead
     FROM (
       SELECT recipient, count(*) FILTER (WHERE state = 'pending') AS pending,
         count(*) FILTER (WHERE state = 'sent') AS sent, count(*) FILTER (WHERE waits > 0) AS waiting,
         min(created_at) AS oldest
       FROM delivery WHERE state IN ('pending', 'sent') GROUP BY recipient
     ) AS o FULL JOIN (
       SELECT recipient, count(*) AS dead FROM delivery
       WHERE state IN ('refused', 'expired') AND settled_at IS NULL GROUP BY recipient
     ) AS d ON d.recipient = o.recipient
     ORDER BY 1`,
  );
  return rows;
}

/** All that the gateway holds of one delivery, but the content. */
export interface DeliveryDetail extends ClaimedDelivery {
  readonly state: DeliveryState;
  /** false: the ledger does not have the closing yet. */
  readonly durable: boolean;
  readonly dueAt: Date;
  readonly closedAt: Date | null;
  readonly settledAt: Date | null;
  readonly stream: string | null;
  /** Mids of deliveries that have to be closed first. */
  readonly waitsFor: readonly string[];
  /** Whether a worker is at it until `dueAt`. */
  readonly leased: boolean;
  readonly receipt: string | null;
  /** JSON of our signed statement that it did not arrive. */
  readonly evidence: string | null;
  readonly evidenceKey: Buffer | null;
  readonly responseStatus: number | null;
  readonly responseToken: string | null;
  readonly responseBody: string | null;
}

const DETAIL = `d.state, d.closed_key IS NULL OR EXISTS (SELECT 1 FROM ledger_entry l WHERE l.key = d.closed_key) AS durable,
   d.due_at AS "dueAt", d.closed_at AS "closedAt", d.settled_at AS "settledAt", d.stream, d.leased,
  d.receipt, d.evidence, d.evidence_key AS "evidenceKey", d.response_status AS "responseStatus",
  d.response_token AS "responseToken", d.response_body AS "responseBody", d.outcome_unknown AS "outcomeUnknown",
  ARRAY(SELECT w.after_mid::text FROM delivery_wait w WHERE w.mid = d.mid) AS "waitsFor"`;

/** `lock`: nobody changes it before the end of the transaction. */
export async function findDelivery(
  database: Queryable,
  mid: string,
  lock?: 'lock',
): Promise<DeliveryDetail | undefined> {
  const { rows } = await database.query<DeliveryDetail>(
    `SELECT ${DETAIL}, ${CLAIMED} FROM delivery d JOIN outbox_envelope e ON e.id = d.envelope_id
     WHERE d.mid = $1 ${lock === undefined ? '' : 'FOR UPDATE OF d'}`,
    [mid],
  );
  return rows[0];
}

export async function makeDue(tx: Queryable, mid: string, now: Date): Promise<void> {
  await tx.query(`UPDATE delivery SET due_at = $2 WHERE mid = $1 AND NOT leased`, [mid, now]);
}

/** Opens an expired delivery again, under the same mid: what is known of its outcome stays. */
export async function reopenDelivery(
  tx: Queryable,
  mid: string,
  life: { readonly now: Date; readonly expiresAt: Date },
): Promise<void> {
  await tx.query(
    `UPDATE delivery SET state = 'sent', due_at = $2, expires_at = $3, requeued = requeued + 1, leased = false,
       closed_at = NULL, closed_key = NULL, settled_at = NULL, response_status = NULL, response_token = NULL,
       response_body = NULL
     WHERE mid = $1 AND state IN ('expired', 'given-up')`,
    [mid, life.now, life.expiresAt],
  );
}

export async function settleDeadLetter(tx: Queryable, mid: string, at: Date): Promise<void> {
  await tx.query('UPDATE delivery SET settled_at = $2 WHERE mid = $1', [mid, at]);
}

/** Takes an open delivery from the workers, unless one is at it now. */
export async function takeDelivery(
  database: Queryable,
  mid: string,
  lease: Lease,
): Promise<ClaimedDelivery | undefined> {
  const { rows } = await database.query<ClaimedDelivery>(
    `UPDATE delivery d SET due_at = $3, leased = true FROM outbox_envelope e
     WHERE d.mid = $1 AND e.id = d.envelope_id AND d.state IN ('pending', 'sent') AND (NOT d.leased OR d.due_at <= $2)
     RETURNING d.outcome_unknown AS "outcomeUnknown", ${CLAIMED}`,
    [mid, lease.now, lease.until],
  );
  return rows[0];
}

/** Gives it back to the workers, due now. */
export async function freeDelivery(database: Queryable, mid: string, now: Date): Promise<void> {
  await database.query(`UPDATE delivery SET due_at = $2, leased = false WHERE mid = $1`, [mid, now]);
}
