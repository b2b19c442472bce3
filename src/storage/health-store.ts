/** SQL of looking at a database from outside: who we are in it, its clock, its migrations. */
import type { Queryable } from './database.ts';

export interface DatabaseHealth {
  readonly version: string;
  readonly now: Date;
  readonly superuser: boolean;
  /** Names of the migrations that were applied; undefined before the first `lianzheng migrate`. */
  readonly migrations: readonly string[] | undefined;
}

export async function readHealth(database: Queryable): Promise<DatabaseHealth> {
  const { rows } = await database.query<Omit<DatabaseHealth, 'migrations'> & { migrated: boolean }>(
    `SELECT current_setting('server_version') AS version, clock_timestamp() AS now,
            (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
            to_regclass('knex_migrations') IS NOT NULL AS migrated`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the database answered with no row');
  const { migrated, ...health } = row;
  if (!migrated) return { ...health, migrations: undefined };
  const applied = await database.query<{ name: string }>('SELECT name FROM knex_migrations ORDER BY id');
  return { ...health, migrations: applied.rows.map(({ name }) => name) };
}
