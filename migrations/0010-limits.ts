/** Tokens of the rate limits, shared by the processes of one gateway. */
import type { Knex } from 'knex';

const statements = [
  // Unlogged: after a crash every bucket is full again, which nobody can bring about from outside.
  `CREATE UNLOGGED TABLE rate_bucket (
    -- Class and member, or class and digest of a token's subject.
    bucket text PRIMARY KEY,
    tokens double precision NOT NULL,
    -- What the last lease took: an upsert's RETURNING can't see the row as it was.
    granted integer NOT NULL,
    refilled_at timestamptz NOT NULL
  )`,
];

export async function up(knex: Knex): Promise<void> {
  for (const statement of statements) await knex.raw(statement);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
