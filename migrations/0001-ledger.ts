/** Tables of the ledger: intake, entries, tree nodes, checkpoints, the head they hang on, and the sequencer's lease. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE ledger_intake (
      id bigserial PRIMARY KEY,
      key bytea NOT NULL UNIQUE CHECK (octet_length(key) = 32),
      draft text NOT NULL
    );
    -- Rows live for milliseconds: without early vacuum the queue's index would fill with the dead.
    ALTER TABLE ledger_intake SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

    CREATE TABLE ledger_entry (
      seq bigint PRIMARY KEY CHECK (seq >= 0),
      key bytea NOT NULL UNIQUE,
      leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
      body text NOT NULL,
      checkpoint_size bigint NOT NULL CHECK (checkpoint_size > seq)
    );

    -- Perfect subtrees of level >= 1: the hash of entries [index * 2^level, (index + 1) * 2^level).
    CREATE TABLE ledger_node (
      level smallint NOT NULL CHECK (level BETWEEN 1 AND 62),
      index bigint NOT NULL CHECK (index >= 0),
      hash bytea NOT NULL CHECK (octet_length(hash) = 32),
      PRIMARY KEY (level, index)
    );

    -- The primary key is the promise: never two roots for one size.
    CREATE TABLE ledger_checkpoint (
      size bigint PRIMARY KEY CHECK (size >= 0),
      root bytea NOT NULL CHECK (octet_length(root) = 32),
      note text NOT NULL,
      made_at timestamptz NOT NULL
    );

    -- One row: the only tail that is ever read, and the lock that orders all sequencers.
    CREATE TABLE ledger_head (
      id smallint PRIMARY KEY CHECK (id = 1),
      origin text NOT NULL,
      size bigint NOT NULL,
      root bytea NOT NULL,
      frontier bytea NOT NULL,
      last_leaf bytea NOT NULL
    );

    CREATE TABLE ledger_pair (
      peer text NOT NULL,
      dir text NOT NULL CHECK (dir IN ('in', 'out')),
      n bigint NOT NULL CHECK (n > 0),
      leaf bytea NOT NULL,
      PRIMARY KEY (peer, dir)
    );

    CREATE TABLE ledger_lease (
      id smallint PRIMARY KEY CHECK (id = 1),
      epoch bigint NOT NULL,
      holder text NOT NULL,
      expires_at timestamptz NOT NULL
    );
  `);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
