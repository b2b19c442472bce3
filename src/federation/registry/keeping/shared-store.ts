/** What another process of this gateway has found out about the registry: rows that a poll looks for, believed like any document. */
import type { Queryable } from '../../../storage/database.ts';
import type { StoredRegistry } from './registry-store.ts';

/** By rising serial. */
export async function registriesAfter(
  database: Queryable,
  serial: number,
): Promise<readonly StoredRegistry[]> {
  const { rows } = await database.query<StoredRegistry>(
    `SELECT serial, sha256, document, source, adopted_at AS "adoptedAt" FROM registry WHERE serial > $1 ORDER BY serial`,
    [serial],
  );
  return rows;
}

/** The freshness statement that ends last; undefined when there was none. */
export async function sharedFreshness(database: Queryable): Promise<string | undefined> {
  const { rows } = await database.query<{ document: string }>('SELECT document FROM registry_freshness');
  return rows[0]?.document;
}

export async function shareFreshness(database: Queryable, document: string, until: Date): Promise<void> {
  await database.query(
    `INSERT INTO registry_freshness (document, until) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET document = excluded.document, until = excluded.until
     WHERE registry_freshness.until < excluded.until`,
    [document, until],
  );
}
