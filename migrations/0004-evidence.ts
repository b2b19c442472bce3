/** Packets made here, packets offered to us, the pulls of both sides and evidence requests. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE packet (
      id uuid PRIMARY KEY,
      type text NOT NULL,
      doc_no text NOT NULL,
      state text NOT NULL CHECK (state IN ('assembled', 'sealing', 'signed', 'transferred', 'receipted')),
      group_id text NOT NULL,
      receiver text NOT NULL,
      purpose text NOT NULL,
      legal_basis text[] NOT NULL,
      grade smallint NOT NULL,
      packet text NOT NULL,
      custody text NOT NULL,
      case_graph text NOT NULL,
      files jsonb NOT NULL,
      bagging_date date NOT NULL,
      manifest bytea NOT NULL,
      manifest_sha256 text NOT NULL,
      signature bytea,
      signed_by text[] NOT NULL DEFAULT '{}',
      bundle_sha256 text,
      bundle_size bigint,
      part_size integer,
      parts text[],
      in_reply_to uuid,
      created_at timestamptz NOT NULL,
      ledger_key bytea NOT NULL
    );
    CREATE INDEX packet_created ON packet (created_at DESC);
    CREATE INDEX packet_sealing ON packet (id) WHERE state = 'sealing';

    -- One offer to one recipient; its id is the envelope's, which both sides know.
    CREATE TABLE packet_transfer (
      id uuid PRIMARY KEY,
      packet_id uuid NOT NULL REFERENCES packet,
      recipient text NOT NULL,
      mid uuid NOT NULL,
      offered_at timestamptz NOT NULL,
      receipt_document text,
      receipt_cms bytea,
      receipted_at timestamptz
    );
    CREATE INDEX packet_transfer_packet ON packet_transfer (packet_id);

    -- The first part of a pull writes the row; later parts repeat its entry.
    CREATE TABLE pull_served (
      puller text NOT NULL,
      pull_id uuid NOT NULL,
      transfer_id uuid NOT NULL REFERENCES packet_transfer,
      ledger_key bytea NOT NULL,
      served_at timestamptz NOT NULL,
      PRIMARY KEY (puller, pull_id)
    );

    CREATE TABLE packet_inbound (
      packet_id uuid PRIMARY KEY,
      transfer_id uuid NOT NULL UNIQUE,
      sender text NOT NULL,
      type text NOT NULL,
      doc_no text NOT NULL,
      group_id text NOT NULL,
      purpose text NOT NULL,
      legal_basis text[] NOT NULL,
      manifest_sha256 text NOT NULL,
      bundle_sha256 text NOT NULL,
      bundle_size bigint NOT NULL,
      part_size integer NOT NULL,
      parts text[] NOT NULL,
      in_reply_to uuid,
      state text NOT NULL
        CHECK (state IN ('offered', 'pulling', 'pulled', 'received', 'rejected', 'failed', 'receipted')),
      reason text,
      pull_id uuid,
      pull_key bytea,
      -- The holder's entry about this pull, as its answers repeat it.
      served_ref jsonb,
      attempts integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz NOT NULL,
      claimed_until timestamptz,
      report jsonb,
      received_at timestamptz,
      receipt_registry jsonb,
      receipt_document text,
      receipt_cms bytea,
      offered_at timestamptz NOT NULL,
      -- Of the inbox entry: nothing is pulled before it is in the ledger.
      ledger_key bytea NOT NULL
    );
    CREATE INDEX packet_inbound_due ON packet_inbound (next_attempt_at)
      WHERE state IN ('offered', 'pulling', 'pulled');

    CREATE TABLE evidence_request (
      id uuid NOT NULL,
      direction text NOT NULL CHECK (direction IN ('in', 'out')),
      peer text NOT NULL,
      group_id text NOT NULL,
      purpose text NOT NULL,
      legal_basis text[] NOT NULL,
      notice_no text NOT NULL,
      case_ref text NOT NULL,
      items jsonb NOT NULL,
      state text NOT NULL CHECK (state IN ('open', 'deciding', 'answered')),
      decisions jsonb,
      response_packet uuid,
      created_at timestamptz NOT NULL,
      ledger_key bytea NOT NULL,
      PRIMARY KEY (direction, id)
    );
    CREATE INDEX evidence_request_created ON evidence_request (created_at DESC);
  `);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
