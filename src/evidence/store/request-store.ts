/** Rows of evidence requests, ours and those addressed to us. */
import type { JsonValue } from '../../core/canonical.ts';
import type { Queryable } from '../../storage/database.ts';

export type RequestDirection = 'in' | 'out';

export interface RequestedItem {
  /** Id within the request. */
  readonly item: string;
  readonly description: string;
  readonly category?: string;
}

export interface RequestRow {
  readonly id: string;
  readonly direction: RequestDirection;
  readonly peer: string;
  readonly group_id: string;
  readonly purpose: string;
  readonly legal_basis: readonly string[];
  readonly notice_no: string;
  readonly case_ref: string;
  readonly items: readonly RequestedItem[];
  readonly state: 'open' | 'deciding' | 'answered';
  readonly decisions: JsonValue;
  readonly response_packet: string | null;
  readonly created_at: Date;
}

export type NewRequest = Omit<RequestRow, 'state' | 'decisions' | 'response_packet'>;

const COLUMNS = `id, direction, peer, group_id, purpose, legal_basis, notice_no, case_ref, items, state, decisions,
  response_packet, created_at`;
const DURABLE = 'EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = r.ledger_key)';

/** False when a request of this id is already here. */
export async function insertRequest(tx: Queryable, row: NewRequest, ledgerKey: Buffer): Promise<boolean> {
  const added = await tx.query(
    `INSERT INTO evidence_request (id, direction, peer, group_id, purpose, legal_basis, notice_no, case_ref, items,
       state, created_at, ledger_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11) ON CONFLICT DO NOTHING`,
    [
      row.id,
      row.direction,
      row.peer,
      row.group_id,
      row.purpose,
      row.legal_basis,
      row.notice_no,
      row.case_ref,
      JSON.stringify(row.items),
      row.created_at,
      ledgerKey,
    ],
  );
  return added.rowCount === 1;
}

export async function findRequest(
  db: Queryable,
  direction: RequestDirection,
  id: string,
): Promise<RequestRow | undefined> {
  const found = await db.query<RequestRow>(
    `SELECT ${COLUMNS} FROM evidence_request r WHERE direction = $1 AND id = $2 AND ${DURABLE}`,
    [direction, id],
  );
  return found.rows[0];
}

export async function listRequests(db: Queryable, limit: number): Promise<readonly RequestRow[]> {
  const found = await db.query<RequestRow>(
    `SELECT ${COLUMNS} FROM evidence_request r WHERE ${DURABLE} ORDER BY created_at DESC, id LIMIT $1`,
    [limit],
  );
  return found.rows;
}

/** False when somebody decided before. */
export async function setDecided(
  tx: Queryable,
  id: string,
  decided: { readonly decisions: JsonValue; readonly packetId: string },
): Promise<boolean> {
  const changed = await tx.query(
    `UPDATE evidence_request SET state = 'deciding', decisions = $2, response_packet = $3
     WHERE direction = 'in' AND id = $1 AND state = 'open'`,
    [id, JSON.stringify(decided.decisions), decided.packetId],
  );
  return changed.rowCount === 1;
}

export async function setAnswered(
  tx: Queryable,
  answered: { readonly direction: RequestDirection; readonly id: string; readonly packetId: string },
): Promise<void> {
  await tx.query(
    `UPDATE evidence_request SET state = 'answered', response_packet = $3 WHERE direction = $1 AND id = $2`,
    [answered.direction, answered.id, answered.packetId],
  );
}
