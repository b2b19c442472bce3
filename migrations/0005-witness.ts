/** Tables of witnessing: what we cosigned of other logs, what others cosigned of ours, and logs that showed two faces. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Size 0 with an empty note: a log that asked and was not cosigned yet.
    CREATE TABLE witness_log (
      origin text PRIMARY KEY,
      size bigint NOT NULL CHECK (size >= 0),
      root bytea NOT NULL,
      note text NOT NULL,
      cosigned_at timestamptz
    );

    CREATE TABLE ledger_cosignature (
      size bigint NOT NULL REFERENCES ledger_checkpoint (size),
      vkey text NOT NULL,
      line text NOT NULL,
      cosigned_at timestamptz NOT NULL,
      PRIMARY KEY (vkey, size)
    );
    CREATE INDEX ledger_cosignature_size ON ledger_cosignature (size);

    CREATE TABLE ledger_fork (
      id bigserial PRIMARY KEY,
      origin text NOT NULL,
      known text NOT NULL,
      shown text NOT NULL,
      found_at timestamptz NOT NULL
    );
    CREATE UNIQUE INDEX ledger_fork_once ON ledger_fork (origin, md5(known), md5(shown));
  `);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
