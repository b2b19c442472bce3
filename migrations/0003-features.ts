/** Tables of features: signed batches, features, sightings, disclosures, screenings. */
import type { Knex } from 'knex';

/**
 * No foreign keys between the tables of a batch: they are written together by one statement each and the check per
 * row would cost more than the insert. Rows count once the ledger entry of their batch is durable.
 */
const statements = [
  `CREATE TABLE feature_batch (
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL,
    issuer text NOT NULL,
    group_id text NOT NULL,
    purpose text NOT NULL,
    size integer NOT NULL,
    created_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    ledger_key bytea NOT NULL UNIQUE,
    -- Ids come from peers: one member cannot take another's.
    UNIQUE (issuer, id)
  )`,
  `CREATE INDEX feature_batch_group ON feature_batch (group_id, ledger_key)`,
  `CREATE TABLE feature (
    id uuid NOT NULL,
    member text NOT NULL,
    batch bigint NOT NULL,
    position smallint NOT NULL,
    group_id text NOT NULL,
    type text NOT NULL,
    lookup bytea NOT NULL CHECK (octet_length(lookup) = 16),
    -- Null for personal types: their value is in feature_disclosure, until it is erased.
    value text,
    confidence smallint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    valid_from timestamptz,
    valid_until timestamptz,
    tlp text NOT NULL,
    grade smallint NOT NULL,
    detail text,
    PRIMARY KEY (id, member),
    UNIQUE (batch, position),
    UNIQUE (type, lookup, group_id)
  )`,
  `CREATE TABLE feature_sighting (
    batch bigint NOT NULL,
    position smallint NOT NULL,
    id uuid NOT NULL,
    member text NOT NULL,
    group_id text NOT NULL,
    type text NOT NULL,
    lookup bytea NOT NULL CHECK (octet_length(lookup) = 16),
    confidence smallint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    valid_from timestamptz,
    valid_until timestamptz,
    PRIMARY KEY (batch, position)
  )`,
  `CREATE INDEX feature_sighting_value ON feature_sighting (type, lookup, group_id, last_seen DESC)`,
  `CREATE TABLE feature_disclosure (
    batch bigint NOT NULL,
    position smallint NOT NULL,
    salt bytea NOT NULL CHECK (octet_length(salt) = 16),
    value text NOT NULL,
    PRIMARY KEY (batch, position)
  )`,
  `CREATE TABLE screening (
    id uuid PRIMARY KEY,
    groups text[] NOT NULL,
    purpose text NOT NULL,
    case_ref text NOT NULL,
    actor text NOT NULL,
    made_at timestamptz NOT NULL,
    ledger_key bytea NOT NULL
  )`,
  `CREATE TABLE screening_result (
    screening uuid NOT NULL,
    position smallint NOT NULL,
    ref text NOT NULL,
    -- Opens the commitment that the ledger entry binds; without it nobody can tell who was screened.
    salt bytea NOT NULL CHECK (octet_length(salt) = 16),
    outcome text NOT NULL CHECK (outcome IN ('pass', 'review', 'block')),
    confidence smallint NOT NULL,
    members smallint NOT NULL,
    PRIMARY KEY (screening, position)
  )`,
  // Answers "which of our decisions used this feature", for retraction and redress.
  `CREATE TABLE screening_hit (
    feature uuid NOT NULL,
    member text NOT NULL,
    screening uuid NOT NULL,
    position smallint NOT NULL,
    PRIMARY KEY (feature, member, screening, position)
  )`,
];

export async function up(knex: Knex): Promise<void> {
  for (const statement of statements) await knex.raw(statement);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
