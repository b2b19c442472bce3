/** Deliveries: claimed one at a time under a lease, closed once. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';

export type DeliveryState = 'pending' | 'sent' | 'acked' | 'refused' | 'expired' | 'given-up';
export type ClosedState = Exclude<DeliveryState, 'pending' | 'sent'>;

/** A delivery under our lease, with what sending it takes. */
export interface ClaimedDelivery {
  readonly mid: string;
  readonly recipient: MemberId;
  readonly attempts: number;
  /** Whether an earlier attempt may have been acted on. */
  readonly outcomeUnknown: boolean;
  readonly offerKey: Buffer;
  readonly envelopeId: string;
  readonly kind: string;
  readonly group: string;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  readonly schemaId: string;
  readonly schemaSha256: string;
  readonly personal: boolean;
  /** JSON of the sealed envelope. */
  readonly sealed: string;
  readonly payloadSha256: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly firstSentAt: Date | null;
  readonly lastSentAt: Date | null;
  /** Of the last attempt that failed. */
  readonly lastCode: string | null;
  /** How often it was opened again after it had expired. */
  readonly requeued: number;
}

export interface Lease {
  readonly now: Date;
  /** When another worker may take the row over, should this one die. */
  readonly until: Date;
}

export const CLAIMED = `d.mid, d.recipient, d.attempts, d.offer_key AS "offerKey", e.id AS "envelopeId", e.kind,
  e.group_id AS "group", e.purpose, e.legal_basis AS "legalBasis", e.schema_id AS "schemaId",
  e.schema_sha256 AS "schemaSha256", e.personal, e.sealed, e.payload_sha256 AS "payloadSha256",
  d.created_at AS "createdAt", d.expires_at AS "expiresAt", d.first_sent_at AS "firstSentAt",
  d.last_sent_at AS "lastSentAt", d.code AS "lastCode", d.requeued`;

/**
 * Takes the next due delivery whose offer is durable in the ledger. It is marked unknown before it is sent: whoever
 * finds it after a crash can't tell whether the peer has seen it.
 */
export async function claimDelivery(
  database: Queryable,
  recipient: MemberId,
  lease: Lease,
): Promise<ClaimedDelivery | undefined> {
  const { rows } = await database.query<ClaimedDelivery>(
    `WITH due AS (
       SELECT mid, outcome_unknown FROM delivery d
       WHERE recipient = $1 AND state IN ('pending', 'sent') AND waits = 0 AND due_at <= $2 AND expires_at > $2
         AND EXISTS (SELECT 1 FROM ledger_entry l WHERE l.key = d.offer_key)
       ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
     )
     UPDATE delivery d SET state = 'sent', attempts = d.attempts + 1, outcome_unknown = true, due_at = $3, leased = true,
       first_sent_at = coalesce(d.first_sent_at, $2), last_sent_at = $2
     FROM due, outbox_envelope e
     WHERE d.mid = due.mid AND e.id = d.envelope_id
     RETURNING due.outcome_unknown AS "outcomeUnknown", ${CLAIMED}`,
    [recipient, lease.now, lease.until],
  );
  return rows[0];
}

/** Which of `recipients` have something due, its offer durable or not yet. */
export async function dueRecipients(
  database: Queryable,
  recipients: readonly MemberId[],
  now: Date,
): Promise<readonly MemberId[]> {
  const { rows } = await database.query<{ id: MemberId }>(
    `SELECT id FROM unnest($1::text[]) AS one (id) WHERE EXISTS (
       SELECT 1 FROM delivery
       WHERE recipient = id AND state IN ('pending', 'sent') AND waits = 0 AND due_at <= $2 AND expires_at > $2)`,
    [recipients, now],
  );
  return rows.map((row) => row.id);
}

export async function postponeDelivery(
  database: Queryable,
  mid: string,
  retry: { readonly dueAt: Date; readonly outcomeUnknown: boolean; readonly code: string },
): Promise<void> {
  await database.query(
    `UPDATE delivery SET due_at = $2, outcome_unknown = $3 OR handed_at IS NOT NULL, code = $4,
       leased = false
     WHERE mid = $1 AND state IN ('pending', 'sent')`,
    [mid, retry.dueAt, retry.outcomeUnknown, retry.code],
  );
}

export interface Closing {
  readonly state: ClosedState;
  readonly at: Date;
  readonly ledgerKey: Buffer;
  readonly code?: string;
  /** The peer's signed answer: its token and its body, kept as evidence. */
  readonly answer?: { readonly status: number; readonly token: string; readonly body: string };
  /** JSON of the peer's ledger position. */
  readonly receipt?: string;
  /** Default false: the outcome is known now. */
  readonly outcomeUnknown?: boolean;
}

/**
 * False when it was closed before. What waited for it waits no longer, but for what this one was still waiting for
 * itself: a message that expires or is given up early lets nobody overtake.
 */
export async function closeDelivery(tx: Queryable, mid: string, closing: Closing): Promise<boolean> {
  const { answer } = closing;
  const { rows } = await tx.query<{ closed: number }>(
    `WITH closed AS (
       UPDATE delivery SET state = $2, closed_at = $3, closed_key = $4, code = $5, response_status = $6,
         response_token = $7, response_body = $8, receipt = $9, leased = false, waits = 0,
         outcome_unknown = $10 AND outcome_unknown
       WHERE mid = $1 AND state IN ('pending', 'sent') RETURNING mid
     ), freed AS (
       DELETE FROM delivery_wait w USING closed c WHERE w.after_mid = c.mid RETURNING w.mid
     ), before AS (
       DELETE FROM delivery_wait w USING closed c WHERE w.mid = c.mid RETURNING w.after_mid
     ), inherited AS (
       INSERT INTO delivery_wait (after_mid, mid) SELECT b.after_mid, f.mid FROM before b, freed f
       ON CONFLICT DO NOTHING RETURNING mid
     ), released AS (
       UPDATE delivery d SET waits = d.waits - 1 + (SELECT count(*)::int FROM inherited i WHERE i.mid = d.mid)
       FROM freed f WHERE d.mid = f.mid
     )
     SELECT count(*) AS closed FROM closed`,
    [
      mid,
      closing.state,
      closing.at,
      closing.ledgerKey,
      closing.code ?? null,
      answer?.status ?? null,
      answer?.token ?? null,
      answer?.body ?? null,
      closing.receipt ?? null,
      closing.outcomeUnknown ?? false,
    ],
  );
  return rows[0]?.closed === 1;
}

export async function anyOpenDelivery(database: Queryable): Promise<boolean> {
  const { rows } = await database.query<{ open: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM delivery WHERE state IN ('pending', 'sent')) AS open`,
  );
  return rows[0]?.open === true;
}
