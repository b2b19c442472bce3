/** Delivery: order within streams, leases told from pauses, dead letters with evidence, positions in peers' feeds. */
import type { Knex } from 'knex';

const statements = [
  `ALTER TABLE delivery DROP CONSTRAINT delivery_state_check`,
  `ALTER TABLE delivery ADD CONSTRAINT delivery_state_check
     CHECK (state IN ('pending', 'sent', 'acked', 'refused', 'expired', 'given-up'))`,
  `ALTER TABLE delivery
     -- Order of arrival within a stream, whose enqueuing is one at a time; never read as a high-water mark.
     ADD COLUMN no bigint GENERATED ALWAYS AS IDENTITY,
     ADD COLUMN stream text,
     -- How many open deliveries must be closed before this one is sent: its rows in delivery_wait.
     ADD COLUMN waits integer NOT NULL DEFAULT 0 CHECK (waits >= 0),
     -- A worker is at it until due_at; false: due_at is a pause.
     ADD COLUMN leased boolean NOT NULL DEFAULT false,
     ADD COLUMN first_sent_at timestamptz,
     ADD COLUMN last_sent_at timestamptz,
     -- A feed has handed it to the recipient: from then on no failed attempt says that the recipient lacks it.
     ADD COLUMN handed_at timestamptz,
     -- How often it was opened again after it had expired.
     ADD COLUMN requeued integer NOT NULL DEFAULT 0,
     -- Somebody has answered for this dead letter: it is listed as one no longer.
     ADD COLUMN settled_at timestamptz,
     -- Our signed statement that it was not delivered (JSON of a flattened JWS), and its ledger entry.
     ADD COLUMN evidence text,
     ADD COLUMN evidence_key bytea`,
  // The sender's own entry about what it sent to a group, be it to nobody yet: its place in the feed.
  `ALTER TABLE outbox_envelope ADD COLUMN pushed_key bytea`,
  `CREATE UNIQUE INDEX outbox_envelope_pushed ON outbox_envelope (pushed_key)`,
  `CREATE TABLE delivery_wait (
     after_mid uuid NOT NULL,
     mid uuid NOT NULL,
     PRIMARY KEY (after_mid, mid)
   )`,
  `CREATE INDEX delivery_wait_mid ON delivery_wait (mid)`,
  // What waits for another is not in the index that workers claim from, however much of it there is.
  `DROP INDEX delivery_due`,
  `CREATE INDEX delivery_due ON delivery (recipient, due_at) WHERE state IN ('pending', 'sent') AND waits = 0`,
  `CREATE INDEX delivery_expiry ON delivery (expires_at) WHERE state IN ('pending', 'sent')`,
  `CREATE INDEX delivery_stream ON delivery (recipient, stream, no)
     WHERE stream IS NOT NULL AND state IN ('pending', 'sent')`,
  `CREATE INDEX delivery_dead ON delivery (recipient, closed_at)
     WHERE state IN ('refused', 'expired') AND settled_at IS NULL`,
  `CREATE UNIQUE INDEX delivery_offer ON delivery (offer_key)`,
  `CREATE TABLE feed_position (
     peer text NOT NULL,
     group_id text NOT NULL,
     -- The peer's; null: from the beginning.
     cursor text,
     caught_up_at timestamptz,
     next_at timestamptz NOT NULL,
     attempts integer NOT NULL DEFAULT 0,
     code text,
     PRIMARY KEY (peer, group_id)
   )`,
];

export async function up(knex: Knex): Promise<void> {
  for (const statement of statements) await knex.raw(statement);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
