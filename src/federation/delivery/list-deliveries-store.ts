/** Deliveries as the member sees them; a closing that the ledger does not have yet is not shown. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { DeliveryState } from './delivery-store.ts';

export interface DeliveryRecord {
  readonly mid: string;
  readonly envelopeId: string;
  readonly kind: string;
  readonly group: string;
  readonly recipient: MemberId;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly dueAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
  /** Why it was refused, or why the last attempt failed. */
  readonly code: string | null;
  /** JSON of the peer's ledger position. */
  readonly receipt: string | null;
}

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly to?: MemberId;
  /** Refused and expired ones that nobody has answered for, and open ones that fail again and again. */
  readonly dead?: boolean;
  readonly limit?: number;
}

const MAX_LIMIT = 1000;
/** Attempts after which an open delivery is shown among the dead: by then it has failed for half an hour. */
const FAILING = 10;

/** Newest first. */
export async function listDeliveries(
  database: Queryable,
  { state, to, dead = false, limit = 100 }: DeliveryFilter = {},
): Promise<readonly DeliveryRecord[]> {
  const { rows } = await database.query<DeliveryRecord>(
    `SELECT * FROM (
       SELECT d.mid, d.envelope_id AS "envelopeId", e.kind, e.group_id AS "group", d.recipient, d.attempts,
         CASE WHEN d.closed_key IS NULL OR l.key IS NOT NULL THEN d.state ELSE 'sent' END AS state,
         d.created_at AS "createdAt", d.due_at AS "dueAt", d.expires_at AS "expiresAt",
         d.closed_at AS "closedAt", d.code, d.receipt
       FROM delivery d JOIN outbox_envelope e ON e.id = d.envelope_id
       LEFT JOIN ledger_entry l ON l.key = d.closed_key
       WHERE ($3::text IS NULL OR d.recipient = $3) AND (NOT $4 OR
         (d.state IN ('refused', 'expired') AND d.settled_at IS NULL) OR
         (d.state IN ('pending', 'sent') AND d.attempts >= ${FAILING}))
     ) AS known
     WHERE $1::text IS NULL OR state = $1
     ORDER BY "createdAt" DESC, mid DESC LIMIT $2`,
    [state ?? null, Math.min(limit, MAX_LIMIT), to ?? null, dead],
  );
  return rows;
}
