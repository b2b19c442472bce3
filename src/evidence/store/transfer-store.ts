/** Rows of offers made to others and of the pulls that answered them. */
import type { Queryable } from '../../storage/database.ts';

export interface TransferRow {
  readonly id: string;
  readonly packet_id: string;
  readonly recipient: string;
  readonly mid: string;
  readonly offered_at: Date;
  readonly receipt_document: string | null;
  readonly receipted_at: Date | null;
}

/** What decides whether a part may be served. */
export interface ServedBundle {
  readonly recipient: string;
  readonly group_id: string;
  readonly purpose: string;
  readonly legal_basis: readonly string[];
  readonly grade: number;
  readonly packet_id: string;
  readonly bundle_sha256: string;
  readonly bundle_size: number;
  readonly part_size: number;
  readonly parts: readonly string[];
}

const COLUMNS = 'id, packet_id, recipient, mid, offered_at, receipt_document, receipted_at';

export async function insertTransfer(
  tx: Queryable,
  row: Pick<TransferRow, 'id' | 'packet_id' | 'recipient' | 'mid' | 'offered_at'>,
): Promise<void> {
  await tx.query(
    'INSERT INTO packet_transfer (id, packet_id, recipient, mid, offered_at) VALUES ($1, $2, $3, $4, $5)',
    [row.id, row.packet_id, row.recipient, row.mid, row.offered_at],
  );
}

export async function transfersOf(
  db: Queryable,
  packetIds: readonly string[],
): Promise<readonly TransferRow[]> {
  const found = await db.query<TransferRow>(
    `SELECT ${COLUMNS} FROM packet_transfer WHERE packet_id = ANY ($1) ORDER BY offered_at, id`,
    [packetIds],
  );
  return found.rows;
}

export async function lockTransfer(tx: Queryable, id: string): Promise<TransferRow | undefined> {
  const found = await tx.query<TransferRow>(
    `SELECT ${COLUMNS} FROM packet_transfer WHERE id = $1 FOR UPDATE`,
    [id],
  );
  return found.rows[0];
}

export async function setReceipt(
  tx: Queryable,
  id: string,
  receipt: { readonly document: string; readonly cms: Buffer; readonly at: Date },
): Promise<void> {
  await tx.query(
    'UPDATE packet_transfer SET receipt_document = $2, receipt_cms = $3, receipted_at = $4 WHERE id = $1',
    [id, receipt.document, receipt.cms, receipt.at],
  );
}

export async function receiptOf(
  db: Queryable,
  packetId: string,
): Promise<{ receipt_document: string; receipt_cms: Buffer } | undefined> {
  const found = await db.query<{ receipt_document: string; receipt_cms: Buffer }>(
    `SELECT receipt_document, receipt_cms FROM packet_transfer
     WHERE packet_id = $1 AND receipt_cms IS NOT NULL ORDER BY receipted_at LIMIT 1`,
    [packetId],
  );
  return found.rows[0];
}

export async function servedBundle(db: Queryable, transfer: string): Promise<ServedBundle | undefined> {
  const found = await db.query<ServedBundle>(
    `SELECT t.recipient, p.group_id, p.purpose, p.legal_basis, p.grade, p.id AS packet_id, p.bundle_sha256, p.bundle_size, p.part_size, p.parts
     FROM packet_transfer t JOIN packet p ON p.id = t.packet_id WHERE t.id = $1`,
    [transfer],
  );
  return found.rows[0];
}

/**
 * The key of the entry about this pull: `key` when this call is the first, else the one that is there. Undefined when
 * the id was used for another transfer.
 */
export async function claimServing(
  tx: Queryable,
  pull: { readonly puller: string; readonly id: string; readonly transfer: string },
  entry: { readonly key: Buffer; readonly at: Date },
): Promise<{ readonly key: Buffer; readonly first: boolean } | undefined> {
  const added = await tx.query(
    `INSERT INTO pull_served (puller, pull_id, transfer_id, ledger_key, served_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [pull.puller, pull.id, pull.transfer, entry.key, entry.at],
  );
  if (added.rowCount === 1) return { key: entry.key, first: true };
  const known = await tx.query<{ ledger_key: Buffer }>(
    'SELECT ledger_key FROM pull_served WHERE puller = $1 AND pull_id = $2 AND transfer_id = $3',
    [pull.puller, pull.id, pull.transfer],
  );
  const [row] = known.rows;
  return row === undefined ? undefined : { key: row.ledger_key, first: false };
}
