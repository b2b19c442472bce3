/** Erasure of a person: acts, what each erased, whom it was told to; and columns that an erasure empties. */
import type { Knex } from 'knex';

const statements = [
  // Null: erased. Nothing is equal to null, so neither screening nor a later push finds the row again.
  `ALTER TABLE feature ALTER COLUMN lookup DROP NOT NULL`,
  `ALTER TABLE feature_sighting ALTER COLUMN lookup DROP NOT NULL`,
  // Null: a feature that decided here was erased, and this salt with it.
  `ALTER TABLE screening_result ALTER COLUMN salt DROP NOT NULL`,
  // A dead row still holds what was erased; these tables have others only after rollbacks, so vacuum may come at once.
  ...['feature', 'feature_sighting', 'feature_disclosure', 'screening_result'].map(
    (table) =>
      `ALTER TABLE ${table} SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0)`,
  ),
  // Long addresses lie out of line.
  `ALTER TABLE feature_disclosure
     SET (toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 0)`,
  `CREATE TABLE erasure (
    -- The member whose act it was: this one, or the issuer that told us.
    ordered_by text NOT NULL,
    -- Of our own act; of the envelope when a peer told us.
    id uuid NOT NULL,
    -- As its issuer calls it; the same on both sides.
    erasure_id uuid NOT NULL,
    reason text NOT NULL,
    legal_basis text[] NOT NULL,
    -- Type of the subject's value, when the order named one.
    type text,
    actor text NOT NULL,
    features integer NOT NULL,
    sightings integer NOT NULL,
    screenings integer NOT NULL,
    not_told jsonb NOT NULL DEFAULT '[]',
    made_at timestamptz NOT NULL,
    ledger_key bytea NOT NULL,
    PRIMARY KEY (ordered_by, id)
  )`,
  `CREATE INDEX erasure_newest ON erasure (made_at DESC, id)`,
  // A row outlives the features it names: a copy that arrives late is erased on arrival.
  `CREATE TABLE erased_feature (
    issuer text NOT NULL,
    envelope uuid NOT NULL,
    feature uuid NOT NULL,
    -- Hex, as it stands in the signed envelope; null when the envelope had not come.
    commitment text,
    ordered_by text NOT NULL,
    erasure uuid NOT NULL,
    PRIMARY KEY (issuer, envelope, feature)
  )`,
  `CREATE INDEX erased_feature_act ON erased_feature (ordered_by, erasure)`,
  `CREATE TABLE erasure_notice (
    erasure uuid NOT NULL,
    envelope uuid NOT NULL,
    recipient text NOT NULL,
    group_id text NOT NULL,
    purpose text NOT NULL,
    PRIMARY KEY (erasure, envelope, recipient)
  )`,
  // Who was sent an envelope, and what became of a notice.
  `CREATE INDEX delivery_envelope ON delivery (envelope_id)`,
];

export async function up(knex: Knex): Promise<void> {
  for (const statement of statements) await knex.raw(statement);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
