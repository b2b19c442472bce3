/** SQL of notices: which members were sent a batch with an erased feature, and which of them were told. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { DeliveryState } from '../../federation/delivery/delivery-store.ts';
import type { Queryable } from '../../storage/database.ts';

/** One recipient of one batch of ours that held an erased feature. */
export interface NoticeDue {
  readonly recipient: MemberId;
  readonly group: GroupId;
  readonly purpose: string;
  readonly envelope: string;
  readonly feature: string;
}

/** All that was ever queued counts, whatever became of it; who has an open or acknowledged notice is not told again. */
export async function noticesDue(
  tx: Queryable,
  member: MemberId,
  erasure: string,
): Promise<readonly NoticeDue[]> {
  const { rows } = await tx.query<NoticeDue>(
    `SELECT d.recipient, b.group_id AS "group", b.purpose, x.envelope, x.feature
       FROM erased_feature x
       JOIN feature_batch b ON b.issuer = x.issuer AND b.id = x.envelope
       JOIN delivery d ON d.envelope_id = x.envelope
      WHERE x.ordered_by = $1 AND x.issuer = $1 AND x.erasure = $2 AND NOT EXISTS (
        SELECT FROM erasure_notice n JOIN delivery s ON s.envelope_id = n.envelope AND s.recipient = n.recipient
         WHERE n.erasure = $2 AND n.recipient = d.recipient AND n.group_id = b.group_id
           AND n.purpose = b.purpose AND s.state IN ('pending', 'sent', 'acked'))
      ORDER BY d.recipient, b.group_id, b.purpose, x.envelope, x.feature`,
    [member, erasure],
  );
  return rows;
}

export interface NewNotice {
  readonly erasure: string;
  readonly envelope: string;
  readonly group: GroupId;
  readonly purpose: string;
  readonly recipients: readonly MemberId[];
}

export async function insertNotices(tx: Queryable, notice: NewNotice): Promise<void> {
  await tx.query(
    `INSERT INTO erasure_notice (erasure, envelope, recipient, group_id, purpose)
     SELECT $1, $2, recipient, $4, $5 FROM unnest($3::text[]) AS r (recipient)`,
    [notice.erasure, notice.envelope, notice.recipients, notice.group, notice.purpose],
  );
}

export interface Notice {
  readonly erasure: string;
  readonly to: MemberId;
  readonly group: GroupId;
  readonly mid: string;
  readonly state: DeliveryState;
}

/** Of several acts; a closing that the ledger does not have yet is not shown. */
export async function noticesOf(
  database: Queryable,
  erasures: readonly string[],
): Promise<readonly Notice[]> {
  const { rows } = await database.query<Notice>(
    `SELECT n.erasure, n.recipient AS "to", n.group_id AS "group", d.mid,
            CASE WHEN d.closed_key IS NULL OR l.key IS NOT NULL THEN d.state ELSE 'sent' END AS state
       FROM erasure_notice n
       JOIN delivery d ON d.envelope_id = n.envelope AND d.recipient = n.recipient
       LEFT JOIN ledger_entry l ON l.key = d.closed_key
      WHERE n.erasure = ANY ($1::uuid[])
      ORDER BY d.created_at, n.recipient, d.mid`,
    [erasures],
  );
  return rows;
}
