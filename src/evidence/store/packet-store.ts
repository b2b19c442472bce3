/** Rows of packets made here. Readers see a packet once its first entry is in the ledger. */
import type { Queryable } from '../../storage/database.ts';
import type { PacketFile } from '../packet/packet-files.ts';

export type PacketState = 'assembled' | 'sealing' | 'signed' | 'transferred' | 'receipted';

export interface PacketRow {
  readonly id: string;
  readonly type: string;
  readonly doc_no: string;
  readonly state: PacketState;
  readonly group_id: string;
  readonly receiver: string;
  readonly purpose: string;
  readonly legal_basis: readonly string[];
  readonly grade: number;
  /** Canonical JSON. */
  readonly packet: string;
  readonly custody: string;
  readonly case_graph: string;
  readonly files: readonly PacketFile[];
  readonly bagging_date: string;
  readonly manifest: Buffer;
  readonly manifest_sha256: string;
  readonly signature: Buffer | null;
  readonly signed_by: readonly string[];
  readonly bundle_sha256: string | null;
  readonly bundle_size: number | null;
  readonly part_size: number | null;
  readonly parts: readonly string[] | null;
  readonly in_reply_to: string | null;
  readonly created_at: Date;
}

export type NewPacket = Omit<
  PacketRow,
  'state' | 'signature' | 'signed_by' | 'bundle_sha256' | 'bundle_size' | 'part_size' | 'parts'
>;

export interface Bundle {
  readonly sha256: string;
  readonly size: number;
  readonly partSize: number;
  readonly parts: readonly string[];
}

const COLUMNS = `id, type, doc_no, state, group_id, receiver, purpose, legal_basis, grade, packet, custody, case_graph,
  files, bagging_date::text, manifest, manifest_sha256, signature, signed_by, bundle_sha256, bundle_size, part_size,
  parts, in_reply_to, created_at`;
const DURABLE = 'EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = p.ledger_key)';

export async function insertPacket(tx: Queryable, packet: NewPacket, ledgerKey: Buffer): Promise<void> {
  await tx.query(
    `INSERT INTO packet (id, type, doc_no, state, group_id, receiver, purpose, legal_basis, grade, packet, custody,
       case_graph, files, bagging_date, manifest, manifest_sha256, in_reply_to, created_at, ledger_key)
     VALUES ($1, $2, $3, 'assembled', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    [
      packet.id,
      packet.type,
      packet.doc_no,
      packet.group_id,
      packet.receiver,
      packet.purpose,
      packet.legal_basis,
      packet.grade,
      packet.packet,
      packet.custody,
      packet.case_graph,
      JSON.stringify(packet.files),
      packet.bagging_date,
      packet.manifest,
      packet.manifest_sha256,
      packet.in_reply_to,
      packet.created_at,
      ledgerKey,
    ],
  );
}

export async function findPacket(db: Queryable, id: string): Promise<PacketRow | undefined> {
  const found = await db.query<PacketRow>(`SELECT ${COLUMNS} FROM packet p WHERE id = $1 AND ${DURABLE}`, [
    id,
  ]);
  return found.rows[0];
}

export async function lockPacket(tx: Queryable, id: string): Promise<PacketRow | undefined> {
  return (await tx.query<PacketRow>(`SELECT ${COLUMNS} FROM packet p WHERE id = $1 FOR UPDATE`, [id]))
    .rows[0];
}

export async function listPackets(db: Queryable, limit: number): Promise<readonly PacketRow[]> {
  const found = await db.query<PacketRow>(
    `SELECT ${COLUMNS} FROM packet p WHERE ${DURABLE} ORDER BY created_at DESC, id LIMIT $1`,
    [limit],
  );
  return found.rows;
}

export async function setSignature(
  tx: Queryable,
  id: string,
  signature: { readonly cms: Buffer; readonly signedBy: readonly string[]; readonly complete: boolean },
): Promise<void> {
  await tx.query('UPDATE packet SET signature = $2, signed_by = $3, state = $4 WHERE id = $1', [
    id,
    signature.cms,
    signature.signedBy,
    signature.complete ? 'sealing' : 'assembled',
  ]);
}

/** False when another process was first. */
export async function setBundle(tx: Queryable, id: string, bundle: Bundle): Promise<boolean> {
  const changed = await tx.query(
    `UPDATE packet SET state = 'signed', bundle_sha256 = $2, bundle_size = $3, part_size = $4, parts = $5
     WHERE id = $1 AND state = 'sealing'`,
    [id, bundle.sha256, bundle.size, bundle.partSize, bundle.parts],
  );
  return changed.rowCount === 1;
}

export async function setState(tx: Queryable, id: string, state: PacketState): Promise<void> {
  await tx.query('UPDATE packet SET state = $2 WHERE id = $1', [id, state]);
}

/** Packets whose last signature was stored but whose container was not: a crash lay between. */
export async function packetsToSeal(db: Queryable): Promise<readonly string[]> {
  const found = await db.query<{ id: string }>(
    `SELECT id FROM packet p WHERE state = 'sealing' AND ${DURABLE}`,
  );
  return found.rows.map(({ id }) => id);
}
