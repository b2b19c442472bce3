/** Rows of requests to pass a file on, ours and those made to us, each with the last decision. */
import type { Queryable } from '../../storage/database.ts';
import type { SealedEnvelope } from '../../wire/envelope.ts';

export type OnwardState = 'open' | 'approved' | 'refused' | 'revoked';

export interface OnwardRow {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly peer: string;
  readonly group_id: string;
  readonly purpose: string;
  readonly legal_basis: readonly string[];
  /** Hex, of the file. */
  readonly sha256: string;
  readonly to_member: string;
  readonly to_group: string;
  readonly to_purpose: string;
  readonly reason: string;
  readonly state: OnwardState;
  readonly version: number;
  readonly not_after: Date | null;
  readonly decided_because: string | null;
  readonly answer: SealedEnvelope | null;
  readonly created_at: Date;
}

export type NewOnwardRow = Omit<OnwardRow, 'state' | 'version' | 'not_after' | 'decided_because' | 'answer'>;

export interface OnwardDecided {
  readonly state: OnwardState;
  readonly version: number;
  readonly notAfter: string | null;
  readonly because: string | null;
  readonly answer: SealedEnvelope;
  readonly ledgerKey: Buffer;
}

const COLUMNS = `id, direction, peer, group_id, purpose, legal_basis, sha256, to_member, to_group, to_purpose, reason,
  state, version, not_after, decided_because, answer, created_at`;
const DURABLE = 'EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = r.ledger_key)';

/** False when a request of this id is already here. */
export async function insertOnward(tx: Queryable, row: NewOnwardRow, ledgerKey: Buffer): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO onward_request (id, direction, peer, group_id, purpose, legal_basis, sha256, to_member, to_group,
       to_purpose, reason, state, created_at, ledger_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', $12, $13) ON CONFLICT DO NOTHING`,
    [
      ...[row.id, row.direction, row.peer, row.group_id, row.purpose, row.legal_basis, row.sha256],
      ...[row.to_member, row.to_group, row.to_purpose, row.reason, row.created_at, ledgerKey],
    ],
  );
  return rowCount === 1;
}

export async function findOnward(
  db: Queryable,
  direction: OnwardRow['direction'],
  id: string,
): Promise<OnwardRow | undefined> {
  const { rows } = await db.query<OnwardRow>(
    `SELECT ${COLUMNS} FROM onward_request r WHERE direction = $1 AND id = $2 AND ${DURABLE}`,
    [direction, id],
  );
  return rows[0];
}

/** Newest first. */
export async function listOnward(db: Queryable, limit: number): Promise<readonly OnwardRow[]> {
  const { rows } = await db.query<OnwardRow>(
    `SELECT ${COLUMNS} FROM onward_request r WHERE ${DURABLE} ORDER BY created_at DESC, id LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Only over the version that it follows, or a newer one: false when a later decision is there. */
export async function setOnwardDecided(
  tx: Queryable,
  { direction, id }: Pick<OnwardRow, 'direction' | 'id'>,
  decided: OnwardDecided,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE onward_request SET state = $3, version = $4, not_after = $5, decided_because = $6, answer = $7, ledger_key = $8
     WHERE direction = $1 AND id = $2 AND version < $4`,
    [
      ...[direction, id, decided.state, decided.version, decided.notAfter, decided.because],
      ...[JSON.stringify(decided.answer), decided.ledgerKey],
    ],
  );
  return rowCount === 1;
}

/** What was answered about these files, refusals and all. */
export async function answeredAbout(
  db: Queryable,
  digests: readonly string[],
): Promise<readonly OnwardRow[]> {
  const { rows } = await db.query<OnwardRow>(
    `SELECT ${COLUMNS} FROM onward_request r
     WHERE direction = 'out' AND sha256 = ANY ($1) AND answer IS NOT NULL AND ${DURABLE}`,
    [digests],
  );
  return rows;
}

/** Whether a packet of ours that carried the file, or was it, has gone to this member. */
export async function gaveFile(db: Queryable, to: string, sha256: string): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM packet_transfer t JOIN packet p ON p.id = t.packet_id
     WHERE t.recipient = $1
       AND (p.bundle_sha256 = $2 OR p.files @> jsonb_build_array(jsonb_build_object('sha256', $2::text))) LIMIT 1`,
    [to, sha256],
  );
  return rows.length > 0;
}
