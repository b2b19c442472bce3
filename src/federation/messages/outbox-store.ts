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
  readonly pushedKey?: Buffer;
  readonly stream?: string;
  /** Envelope ids. */
  readonly after?: readonly string[];
  readonly queued: readonly { readonly mid: string; readonly to: MemberId; readonly offerKey: Buffer }[];
}

const ENVELOPE = `envelope AS (
  INSERT INTO outbox_envelope
    (id, kind, group_id, purpose, schema_id, schema_sha256, personal, sealed, payload_sha256, created_at, legal_basis,
     pushed_key)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $16) ON CONFLICT (id) DO NOTHING
)`;
const QUEUED = `unnest($13::uuid[], $14::text[], $15::bytea[]) AS one (mid, recipient, offer_key)`;

const FREE = `WITH ${ENVELOPE}
  INSERT INTO delivery (mid, envelope_id, recipient, offer_key, created_at, due_at, expires_at)
  SELECT mid, $1, recipient, offer_key, $10, $10, $12 FROM ${QUEUED}`;

/**
 * Whoever is last in the stream, and every open delivery of the named envelopes, goes first. One that is closed while
 * this transaction runs is found closed later: `releaseStranded`.
 */
const ORDERED = `WITH ${ENVELOPE}, one AS (SELECT * FROM ${QUEUED}), before AS (
    SELECT one.mid, p.mid AS after_mid FROM one, LATERAL (
      SELECT mid FROM delivery d
      WHERE d.recipient = one.recipient AND d.stream = $17 AND d.state IN ('pending', 'sent')
      ORDER BY no DESC LIMIT 1) AS p
    UNION
    SELECT one.mid, p.mid FROM one JOIN delivery p ON p.recipient = one.recipient
    WHERE p.envelope_id = ANY ($18::uuid[]) AND p.state IN ('pending', 'sent')
  ), waiting AS (
    INSERT INTO delivery_wait (after_mid, mid) SELECT after_mid, mid FROM before
  )
  INSERT INTO delivery (mid, envelope_id, recipient, offer_key, created_at, due_at, expires_at, stream, waits)
  SELECT mid, $1, recipient, offer_key, $10, $10, $12, $17,
    (SELECT count(*)::int FROM before b WHERE b.mid = one.mid) FROM one`;

/** One statement for the envelope and all its deliveries. An envelope that is there already gets more recipients. */
export async function insertOutgoing(tx: Queryable, rows: OutgoingRows): Promise<void> {
  const { stream, after = [] } = rows;
  const values = valuesOf(rows);
  const isFree = stream === undefined && after.length === 0;
  if (isFree) await tx.query(FREE, values);
  else await queueInOrder(tx, { stream, after, values });
}

interface Ordered {
  readonly stream: string | undefined;
  readonly after: readonly string[];
  readonly values: readonly unknown[];
}

async function queueInOrder(tx: Queryable, { stream, after, values }: Ordered): Promise<void> {
  await Promise.all([
    stream === undefined ? undefined : takeStream(tx, stream),
    tx.query(ORDERED, [...values, stream ?? null, after]),
  ]);
}

/** To the end of the transaction: a stream has one last message at any time. */
async function takeStream(tx: Queryable, stream: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 47))', [`stream ${stream}`]);
}

function valuesOf(rows: OutgoingRows): readonly unknown[] {
  const { content, queued, now } = rows;
  return [
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
    rows.pushedKey ?? null,
  ];
}
