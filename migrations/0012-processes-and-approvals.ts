/** Which processes of a gateway run, and what makes its registry fresh for those that ask no peer; approvals of passing on. */
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
  // Direction out: we hold the file and ask; in: it was ours, and we decide.
  `CREATE TABLE onward_request (
    id uuid NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    peer text NOT NULL,
    -- As the file came; requests and answers travel the same way.
    group_id text NOT NULL,
    purpose text NOT NULL,
    legal_basis text[] NOT NULL,
    sha256 text NOT NULL,
    to_member text NOT NULL,
    to_group text NOT NULL,
    to_purpose text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'approved', 'refused', 'revoked')),
    -- Of the decision; a later one counts, in whatever order they come.
    version integer NOT NULL DEFAULT 0,
    not_after timestamptz,
    decided_because text,
    -- The answer as its issuer sealed it.
    answer jsonb,
    created_at timestamptz NOT NULL,
    -- Of the last act about it.
    ledger_key bytea NOT NULL,
    PRIMARY KEY (direction, id)
  )`,
  `CREATE INDEX onward_request_file ON onward_request (sha256) WHERE direction = 'out'`,
  `CREATE INDEX onward_request_created ON onward_request (created_at DESC)`,
];

export async function up(knex: Knex): Promise<void> {
  for (const statement of statements) await knex.raw(statement);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
