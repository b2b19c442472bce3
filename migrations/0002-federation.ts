/** Tables of the federation: registry, inbox, outbox, token ids. */
import type { Knex } from 'knex';

const statements = [
  `CREATE TABLE registry (
    serial bigint PRIMARY KEY,
    sha256 text NOT NULL,
    document text NOT NULL,
    adopted_at timestamptz NOT NULL,
    ledger_key bytea NOT NULL
  )`,
  `CREATE TABLE registry_evidence (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    serial bigint NOT NULL,
    sha256 text NOT NULL,
    document text NOT NULL,
    seen_at timestamptz NOT NULL,
    UNIQUE (code, sha256)
  )`,
  `CREATE TABLE inbox (
    issuer text NOT NULL,
    mid uuid NOT NULL,
    kind text NOT NULL,
    body_sha256 bytea NOT NULL,
    envelope text NOT NULL,
    token text NOT NULL,
    grant_id text NOT NULL,
    result text,
    received_at timestamptz NOT NULL,
    ledger_key bytea NOT NULL,
    PRIMARY KEY (issuer, mid)
  )`,
  `CREATE TABLE outbox_envelope (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    group_id text NOT NULL,
    purpose text NOT NULL,
    legal_basis text[] NOT NULL,
    schema_id text NOT NULL,
    schema_sha256 text NOT NULL,
    personal boolean NOT NULL,
    sealed text NOT NULL,
    payload_sha256 text NOT NULL,
    created_at timestamptz NOT NULL
  )`,
  `CREATE TABLE delivery (
    mid uuid PRIMARY KEY,
    envelope_id uuid NOT NULL REFERENCES outbox_envelope,
    recipient text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'acked', 'refused', 'expired')),
    offer_key bytea NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    outcome_unknown boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    code text,
    response_status integer,
    response_token text,
    response_body text,
    receipt text,
    closed_at timestamptz,
    closed_key bytea
  )`,
  `CREATE INDEX delivery_due ON delivery (recipient, due_at) WHERE state IN ('pending', 'sent')`,
  `CREATE INDEX delivery_newest ON delivery (created_at DESC, mid)`,
  `CREATE TABLE token_id (
    issuer text NOT NULL,
    jti text NOT NULL,
    exp bigint NOT NULL,
    PRIMARY KEY (issuer, jti)
  )`,
  `CREATE INDEX token_id_exp ON token_id (exp)`,
];

export async function up(knex: Knex): Promise<void> {
  for (const statement of statements) await knex.raw(statement);
}

export function down(): Promise<void> {
  throw new Error('migrations are forward only');
}
