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

/**
 * Of what is older than a day one size an hour stays, that with the most cosigners: an older entry is proven under it
 * as well. The newest checkpoint keeps its lines. Returns how many were removed.
 */
export async function pruneCosignatures(database: Queryable): Promise<number> {
  const { rowCount } = await database.query(
    `DELETE FROM ledger_cosignature WHERE size IN (
       SELECT size FROM (
         SELECT size, row_number() OVER (
           PARTITION BY date_trunc('hour', made_at) ORDER BY signers DESC, size DESC) AS place
         FROM (SELECT size, count(*) AS signers FROM ledger_cosignature GROUP BY size) AS cosigned
         JOIN ledger_checkpoint USING (size)
         WHERE made_at < now() - interval '1 day' AND size < (SELECT size FROM ledger_head)
       ) AS ranked WHERE place > 1)`,
  );
  return rowCount ?? 0;
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
