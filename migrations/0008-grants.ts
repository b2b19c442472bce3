/** Acts counted under grants with a quota, and what is needed to keep to the onward rule of what others gave. */
import type { Knex } from 'knex';

const statements = [
  `CREATE TABLE grant_use (
    grant_id text NOT NULL,
    -- A peer for what came in, this member for what it did itself.
    member text NOT NULL,
    -- UTC.
    day date NOT NULL,
    used bigint NOT NULL CHECK (used > 0),
    PRIMARY KEY (grant_id, member, day)
  )`,
  // The grant by which a peer gave it. Null: our own, or from before onward rules were kept, and then not to go on.
  `ALTER TABLE packet_inbound ADD COLUMN grant_id text`,
  `ALTER TABLE feature_batch ADD COLUMN grant_id text`,
  // Bytes that came in a packet: the bundle itself and each file in it.
  `CREATE TABLE received_content (
    sha256 text NOT NULL,
    packet_id uuid NOT NULL,
    sender text NOT NULL,
    group_id text NOT NULL,
    grant_id text,
    purpose text NOT NULL,
    -- The rule that the sender wrote into the packet.
    declared text NOT NULL,
    PRIMARY KEY (sha256, packet_id)
  )`,
];

export async function up(knex: Knex): Promise<void> {
  for (const statement of statements) await knex.raw(statement);
}

export function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
