/** Rows of packets offered to us, from the offer to the signed receipt. */
import type { JsonValue } from '../../core/canonical.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { Queryable } from '../../storage/database.ts';

export type InboundState =
  'offered' | 'pulling' | 'pulled' | 'received' | 'rejected' | 'failed' | 'receipted';

export interface InboundRow {
  readonly packet_id: string;
  readonly transfer_id: string;
  readonly sender: string;
  readonly type: string;
  readonly doc_no: string;
  readonly group_id: string;
  readonly purpose: string;
  readonly legal_basis: readonly string[];
  readonly manifest_sha256: string;
  readonly bundle_sha256: string;
  readonly bundle_size: number;
  readonly part_size: number;
  readonly parts: readonly string[];
  readonly in_reply_to: string | null;
  readonly state: InboundState;
  readonly reason: string | null;
  readonly pull_id: string | null;
  readonly pull_key: Buffer | null;
  readonly served_ref: EntryRef | null;
  readonly attempts: number;
  readonly report: JsonValue;
  readonly received_at: Date | null;
  readonly receipt_registry: { readonly serial: number; readonly sha256: string } | null;
  readonly receipt_document: string | null;
  readonly receipt_cms: Buffer | null;
  readonly offered_at: Date;
}

/** `grant_id`: by which the sender gave it; what comes in it may go on only as that grant says. */
export type NewInbound = Pick<
  InboundRow,
  | 'packet_id'
  | 'transfer_id'
  | 'sender'
  | 'type'
  | 'doc_no'
  | 'group_id'
  | 'purpose'
  | 'legal_basis'
  | 'manifest_sha256'
  | 'bundle_sha256'
  | 'bundle_size'
  | 'part_size'
  | 'parts'
  | 'in_reply_to'
  | 'offered_at'
> & { readonly grant_id: string };

const COLUMNS = `packet_id, transfer_id, sender, type, doc_no, group_id, purpose, legal_basis, manifest_sha256,
  bundle_sha256, bundle_size, part_size, parts, in_reply_to, state, reason, pull_id, pull_key, served_ref, attempts,
  report, received_at, receipt_registry, receipt_document, receipt_cms, offered_at`;
const DURABLE = 'EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = p.ledger_key)';

/**
 * False when the packet is already here and not to be replaced. The same sender may offer again what failed or was
 * rejected; nobody may offer under the id of another sender's packet.
 */
export async function insertInbound(tx: Queryable, row: NewInbound, ledgerKey: Buffer): Promise<boolean> {
  const changed = await tx.query(
    `INSERT INTO packet_inbound AS p (packet_id, transfer_id, sender, type, doc_no, group_id, purpose, legal_basis,
       manifest_sha256, bundle_sha256, bundle_size, part_size, parts, in_reply_to, offered_at, ledger_key, grant_id,
       state, next_attempt_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'offered', $15)
     ON CONFLICT (packet_id) DO UPDATE SET transfer_id = $2, type = $4, doc_no = $5, group_id = $6, purpose = $7,
       legal_basis = $8, manifest_sha256 = $9, bundle_sha256 = $10, bundle_size = $11, part_size = $12, parts = $13,
       in_reply_to = $14, offered_at = $15, ledger_key = $16, grant_id = $17, state = 'offered', next_attempt_at = $15, reason = NULL,
       pull_id = NULL, pull_key = NULL, served_ref = NULL, attempts = 0, report = NULL
     WHERE p.sender = $3 AND p.state IN ('failed', 'rejected')`,
    [
      row.packet_id,
      row.transfer_id,
      row.sender,
      row.type,
      row.doc_no,
      row.group_id,
      row.purpose,
      row.legal_basis,
      row.manifest_sha256,
      row.bundle_sha256,
      row.bundle_size,
      row.part_size,
      row.parts,
      row.in_reply_to,
      row.offered_at,
      ledgerKey,
      row.grant_id,
    ],
  );
  return changed.rowCount === 1;
}

export async function findInbound(db: Queryable, packetId: string): Promise<InboundRow | undefined> {
  const found = await db.query<InboundRow>(
    `SELECT ${COLUMNS} FROM packet_inbound p WHERE packet_id = $1 AND ${DURABLE}`,
    [packetId],
  );
  return found.rows[0];
}

export async function lockInbound(tx: Queryable, packetId: string): Promise<InboundRow | undefined> {
  const found = await tx.query<InboundRow>(
    `SELECT ${COLUMNS} FROM packet_inbound p WHERE packet_id = $1 AND ${DURABLE} FOR UPDATE`,
    [packetId],
  );
  return found.rows[0];
}

export async function listInbound(db: Queryable, limit: number): Promise<readonly InboundRow[]> {
  const found = await db.query<InboundRow>(
    `SELECT ${COLUMNS} FROM packet_inbound p WHERE ${DURABLE} ORDER BY offered_at DESC, packet_id LIMIT $1`,
    [limit],
  );
  return found.rows;
}

/** False when another process was first. */
export async function setReceived(
  tx: Queryable,
  packetId: string,
  outcome: {
    readonly state: 'received' | 'rejected';
    readonly report: JsonValue;
    readonly at: Date;
    readonly reason: string | null;
    readonly registry: JsonValue;
  },
): Promise<boolean> {
  const changed = await tx.query(
    `UPDATE packet_inbound SET state = $2, report = $3, received_at = $4, reason = $5, receipt_registry = $6,
       claimed_until = NULL
     WHERE packet_id = $1 AND state = 'pulled'`,
    [
      packetId,
      outcome.state,
      JSON.stringify(outcome.report),
      outcome.at,
      outcome.reason,
      JSON.stringify(outcome.registry),
    ],
  );
  return changed.rowCount === 1;
}

export async function setInboundReceipt(
  tx: Queryable,
  packetId: string,
  receipt: { readonly document: string; readonly cms: Buffer },
): Promise<void> {
  await tx.query(
    `UPDATE packet_inbound SET state = 'receipted', receipt_document = $2, receipt_cms = $3 WHERE packet_id = $1`,
    [packetId, receipt.document, receipt.cms],
  );
}
