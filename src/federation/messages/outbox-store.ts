/** Outgoing envelopes and their deliveries, written in the sender's transaction. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EnvelopeContent, SealedEnvelope } from '../../wire/envelope.ts';

export interface OutgoingRows {
  readonly sealed: SealedEnvelope;
  readonly content: EnvelopeContent;
  readonly personal: boolean;
  /** Hex. */
  readonly payloadSha256: string;
  readonly expiresAt: Date;
  readonly now: Date;
  readonly queued: readonly { readonly mid: string; readonly to: MemberId; readonly offerKey: Buffer }[];
}

/** One statement for the envelope and all its deliveries. An envelope that is there already gets more recipients. */
export async function insertOutgoing(tx: Queryable, rows: OutgoingRows): Promise<void> {
  const { content, queued, now } = rows;
  await tx.query(
    `WITH envelope AS (
       INSERT INTO outbox_envelope
         (id, kind, group_id, purpose, schema_id, schema_sha256, personal, sealed, payload_sha256, created_at, legal_basis)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING
     )
     INSERT INTO delivery (mid, envelope_id, recipient, offer_key, created_at, due_at, expires_at)
     SELECT mid, $1, recipient, offer_key, $10, $10, $12
     FROM unnest($13::uuid[], $14::text[], $15::bytea[]) AS one (mid, recipient, offer_key)`,
    [
      content.id,
      content.kind,
      content.group,
      content.purpose,
      content.schema.id,
      content.schema.sha256,
      rows.personal,
      JSON.stringify(rows.sealed),
      rows.payloadSha256,
      now,
      content.legalBasis,
      rows.expiresAt,
      queued.map((one) => one.mid),
      queued.map((one) => one.to),
      queued.map((one) => one.offerKey),
    ],
  );
}
