/** SQL of what witnesses cosigned of our own log. */
import { readLatest } from '../entry-store.ts';
import type { Queryable } from '../../storage/database.ts';

export interface StoredCosignature {
  readonly size: number;
  readonly vkey: string;
  readonly line: string;
  readonly cosignedAt: Date;
}

export async function insertCosignature(database: Queryable, cosignature: StoredCosignature): Promise<void> {
  const { size, vkey, line, cosignedAt } = cosignature;
  await database.query(
    `INSERT INTO ledger_cosignature (size, vkey, line, cosigned_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [size, vkey, line, cosignedAt],
  );
}

/** The size that each witness cosigned last. */
export async function latestCosigned(database: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<{ vkey: string; size: number }>(
    'SELECT vkey, max(size) AS size FROM ledger_cosignature GROUP BY vkey',
  );
  return new Map(rows.map(({ vkey, size }) => [vkey, size]));
}

export async function cosignaturesAt(
  database: Queryable,
  size: number,
): Promise<readonly StoredCosignature[]> {
  const { rows } = await database.query<StoredCosignature>(
    `SELECT size, vkey, line, cosigned_at AS "cosignedAt" FROM ledger_cosignature WHERE size = $1 ORDER BY vkey`,
    [size],
  );
  return rows;
}

/** Sizes with their cosigners, the newest first. */
export async function cosignedSizes(
  database: Queryable,
  limit: number,
): Promise<readonly { readonly size: number; readonly vkeys: readonly string[] }[]> {
  const { rows } = await database.query<{ size: number; vkeys: string[] }>(
    `SELECT size, array_agg(vkey) AS vkeys FROM ledger_cosignature GROUP BY size ORDER BY size DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

/** The newest checkpoint; its note carries the cosignatures that are there. */
export async function readCosigned(
  database: Queryable,
): Promise<{ readonly size: number; readonly root: Buffer; readonly note: string } | undefined> {
  const latest = await readLatest(database);
  if (latest === undefined) return undefined;
  const lines = await cosignaturesAt(database, latest.size);
  return { ...latest, note: latest.note + lines.map(({ line }) => `${line}\n`).join('') };
}

export async function readNote(database: Queryable, size: number): Promise<string | undefined> {
  const { rows } = await database.query<{ note: string }>(
    'SELECT note FROM ledger_checkpoint WHERE size = $1',
    [size],
  );
  return rows[0]?.note;
}
