/** Brings a gateway's database to the current schema; forward only. */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import knex from 'knex';

/** Ledger tables that only ever grow: the gateway's role may not rewrite them. */
const APPEND_ONLY = ['ledger_entry', 'ledger_checkpoint', 'ledger_node'];

/**
 * Runs migrations/ in order and lets `appRole` use the tables. `ownerUrl` connects as the owner of the database.
 * Returns the names of the migrations that were applied now.
 */
export async function migrate(ownerUrl: string, appRole: string): Promise<readonly string[]> {
  const database = knex({ client: 'pg', connection: ownerUrl, pool: { min: 0, max: 1 } });
  try {
    const [, applied] = (await database.migrate.latest({ migrationSource })) as [number, string[]];
    await grantTo(database, appRole);
    return applied;
  } finally {
    await database.destroy();
  }
}

/** Names carry no extension, so that sources and compiled files are the same migration. */
const migrationSource: knex.Knex.MigrationSource<string> = {
  getMigrations: () => Promise.resolve(migrationFiles()),
  getMigrationName: (file) => basename(file).replace(/\.[jt]s$/, ''),
  getMigration: async (file) =>
    (await import(new URL(file, migrationsDirectory()).href)) as knex.Knex.Migration,
};

function migrationFiles(): string[] {
  return readdirSync(fileURLToPath(migrationsDirectory()))
    .filter((name) => /^\d{4}-[a-z0-9-]+\.[jt]s$/.test(name))
    .sort();
}

/** Of all migrations that this program has, in order. */
export function migrationNames(): readonly string[] {
  return migrationFiles().map((file) => basename(file).replace(/\.[jt]s$/, ''));
}

function migrationsDirectory(): URL {
  return new URL('../../migrations/', import.meta.url);
}

async function grantTo(database: knex.Knex, role: string): Promise<void> {
  await database.raw('GRANT USAGE ON SCHEMA public TO ??', [role]);
  await database.raw('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ??', [role]);
  await database.raw('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ??', [role]);
  for (const table of APPEND_ONLY) {
    if (await database.schema.hasTable(table)) {
      await database.raw('REVOKE UPDATE, DELETE, TRUNCATE ON ?? FROM ??', [table, role]);
    }
  }
}
