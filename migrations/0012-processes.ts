/** Which processes of a gateway run, and the statement that makes its registry fresh, for those that ask no peer. */
import type { Knex } from 'knex';

const statements = [
  // Unlogged: after a crash, and on a standby that takes over, nobody is there until it says so again.
  `CREATE UNLOGGED TABLE gateway_process (
    id uuid PRIMARY KEY,
    gateway text NOT NULL,
    roles text[] NOT NULL,
    gate text NOT NULL,
    reason text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  // One row. Believed by nobody: it is signed by the key that the registry names.
  `CREATE TABLE registry_freshness (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    document text NOT NULL,
    until timestamptz NOT NULL
  )`,
];

export async function up(knex: Knex): Promise<void> {
  for (const statement of statements) await knex.raw(statement);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
