/** Where a registry came from; evidence that stops live traffic, and how an operator of the gateway resolved it. */
import type { Knex } from 'knex';

const statements = [
  // 'directory', or the member that served it: a directory is set back only against what it once had.
  `ALTER TABLE registry ADD COLUMN source text NOT NULL DEFAULT 'directory'`,
  `ALTER TABLE registry_evidence
    ADD COLUMN source text NOT NULL DEFAULT 'directory',
    -- Digest of what we hold under the same serial.
    ADD COLUMN held_sha256 text,
    ADD COLUMN stops_traffic boolean NOT NULL DEFAULT false,
    ADD COLUMN resolved_at timestamptz,
    ADD COLUMN resolution text,
    -- The running gateway writes it into the ledger, whoever resolved it.
    ADD COLUMN resolution_logged boolean NOT NULL DEFAULT false`,
];

export async function up(knex: Knex): Promise<void> {
  for (const statement of statements) await knex.raw(statement);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
