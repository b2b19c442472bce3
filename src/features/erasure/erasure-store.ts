/** SQL of acts of erasure, our own and those that peers asked for; no row holds a value. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { Queryable } from '../../storage/database.ts';
import type { ErasureReason } from './order.ts';
import type { ErasureKey } from './tombstone-store.ts';

export interface ErasureRow extends ErasureKey {
  /** As the issuer calls it, in all its messages. */
  readonly erasureId: string;
  readonly reason: ErasureReason;
  readonly legalBasis: readonly string[];
  readonly type: string | null;
  readonly actor: string;
  readonly features: number;
  readonly sightings: number;
  readonly screenings: number;
  readonly madeAt: Date;
  readonly ledgerKey: Buffer;
}

/** A member that may hold the value and could not be told. */
export interface NotTold {
  readonly member: MemberId;
  readonly group: GroupId;
  /** Why; a code of docs/errors.md. */
  readonly code: string;
}

export interface StoredErasure extends ErasureRow {
  readonly notTold: readonly NotTold[];
  readonly receipt: EntryRef;
}

/** False when the act is there already. */
export async function insertErasure(tx: Queryable, row: ErasureRow): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO erasure (ordered_by, id, erasure_id, reason, legal_basis, type, actor, features, sightings,
                          screenings, made_at, ledger_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
    [
      row.orderedBy,
      row.id,
      row.erasureId,
      row.reason,
      row.legalBasis,
      row.type,
      row.actor,
      row.features,
      row.sightings,
      row.screenings,
      row.madeAt,
      row.ledgerKey,
    ],
  );
  return rowCount === 1;
}

const ROW = `r.ordered_by AS "orderedBy", r.id, r.erasure_id AS "erasureId", r.reason, r.legal_basis AS "legalBasis",
  r.type, r.actor, r.features, r.sightings, r.screenings, r.made_at AS "madeAt", r.ledger_key AS "ledgerKey"`;

/** Durable or not. */
export async function findErasure(tx: Queryable, key: ErasureKey): Promise<ErasureRow | undefined> {
  const { rows } = await tx.query<ErasureRow>(
    `SELECT ${ROW} FROM erasure r WHERE r.ordered_by = $1 AND r.id = $2`,
    [key.orderedBy, key.id],
  );
  return rows[0];
}

export async function setNotTold(tx: Queryable, key: ErasureKey, notTold: readonly NotTold[]): Promise<void> {
  await tx.query('UPDATE erasure SET not_told = $3 WHERE ordered_by = $1 AND id = $2', [
    key.orderedBy,
    key.id,
    JSON.stringify(notTold),
  ]);
}

interface Filter {
  /** Default all. */
  readonly only?: ErasureKey;
  readonly limit: number;
}

type Entered = ErasureRow & {
  readonly notTold: readonly NotTold[];
  readonly index: number;
  readonly leaf: string;
};

/** Newest first; only what is in the ledger. */
export async function listErasureRows(
  database: Queryable,
  origin: string,
  { only, limit }: Filter,
): Promise<readonly StoredErasure[]> {
  const { rows } = await database.query<Entered>(
    `SELECT ${ROW}, r.not_told AS "notTold", e.seq AS index, encode(e.leaf, 'hex') AS leaf
       FROM erasure r JOIN ledger_entry e ON e.key = r.ledger_key
      WHERE $1::text IS NULL OR (r.ordered_by = $1 AND r.id = $2)
      ORDER BY r.made_at DESC, r.id DESC LIMIT $3`,
    [only?.orderedBy ?? null, only?.id ?? null, limit],
  );
  return rows.map(({ index, leaf, ...row }) => ({ ...row, receipt: { origin, index, leaf } }));
}
