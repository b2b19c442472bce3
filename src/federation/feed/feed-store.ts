/** SQL of the feed that we answer: what we sent to a group, in the order of our ledger. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { DeliveryState } from '../delivery/delivery-store.ts';

export interface FeedEnvelope {
  /** Of our entry about it, or of its first offer, in our ledger. */
  readonly index: number;
  readonly envelopeId: string;
  readonly personal: boolean;
  readonly sealed: string;
  readonly purpose: string;
  readonly schemaId: string;
  readonly schemaSha256: string;
  /** The caller's own delivery of it; null where it was never addressed to the caller. */
  readonly mid: string | null;
  readonly state: DeliveryState | null;
}

export interface FeedQuestion {
  readonly peer: MemberId;
  readonly group: GroupId;
  /** Kinds that go to every member of a group; others are for whom they were addressed to. */
  readonly groupKinds: readonly string[];
  /** Entries behind this index. */
  readonly after: number;
  readonly limit: number;
}

/** Entries of the ledger that one answer looks through, whatever they are about: the work of a call is bounded. */
const SCANNED = 5_000;

/**
 * An envelope stands where our first entry about it stands. What the caller has accepted, refused, or what was given up, is left
 * out: the first it has, the others were decided.
 */
export async function feedEnvelopes(
  database: Queryable,
  question: FeedQuestion,
): Promise<readonly FeedEnvelope[]> {
  const { rows } = await database.query<FeedEnvelope>(
    `WITH scanned AS (
       SELECT seq, key FROM ledger_entry WHERE seq > $1 ORDER BY seq LIMIT ${SCANNED}
     )
     SELECT s.seq AS index, e.id AS "envelopeId", e.personal, e.sealed, e.purpose, e.schema_id AS "schemaId",
       e.schema_sha256 AS "schemaSha256", own.mid, own.state
     FROM scanned s, LATERAL (
       SELECT envelope_id, recipient FROM delivery WHERE offer_key = s.key
       UNION ALL SELECT id, NULL FROM outbox_envelope WHERE pushed_key = s.key
     ) AS d JOIN outbox_envelope e ON e.id = d.envelope_id
     LEFT JOIN LATERAL (
       SELECT mid, state FROM delivery o WHERE o.envelope_id = e.id AND o.recipient = $2 ORDER BY no DESC LIMIT 1
     ) AS own ON true
     WHERE e.group_id = $3 AND (e.kind = ANY ($4::text[]) OR d.recipient = $2)
       AND (own.state IS NULL OR own.state IN ('pending', 'sent', 'expired'))
       AND NOT EXISTS (
         SELECT 1 FROM delivery f JOIN ledger_entry l ON l.key = f.offer_key
         WHERE f.envelope_id = e.id AND l.seq < s.seq AND (f.recipient = $2 OR e.kind = ANY ($4::text[])))
       AND NOT EXISTS (
         SELECT 1 FROM ledger_entry l WHERE l.key = e.pushed_key AND l.seq < s.seq AND e.kind = ANY ($4::text[]))
     ORDER BY s.seq LIMIT $5`,
    [question.after, question.peer, question.group, question.groupKinds, question.limit],
  );
  return rows;
}

/** How far one look reaches, and whether the ledger goes on behind it. */
export async function feedReach(
  database: Queryable,
  after: number,
): Promise<{ readonly index: number; readonly more: boolean }> {
  const { rows } = await database.query<{ size: number }>(
    'SELECT coalesce(max(seq) + 1, 0) AS size FROM ledger_entry',
  );
  const last = (rows[0]?.size ?? 0) - 1;
  const reach = Math.min(last, after + SCANNED);
  return { index: Math.max(after, reach), more: last > reach };
}

/**
 * The caller is being handed these: only its word, or a push that is answered, tells whether it took them. What the
 * feed has made or opened again is pushed after `pushAt`; what was on its way goes on as it was.
 */
export async function markHanded(
  tx: Queryable,
  handed: {
    readonly mids: readonly string[];
    readonly made: readonly string[];
    readonly now: Date;
    readonly pushAt: Date;
  },
): Promise<void> {
  await tx.query(
    `UPDATE delivery SET state = 'sent', outcome_unknown = true, handed_at = $4,
       due_at = CASE WHEN mid = ANY ($2::uuid[]) THEN $3 ELSE due_at END
     WHERE mid = ANY ($1::uuid[]) AND state IN ('pending', 'sent')`,
    [handed.mids, handed.made, handed.pushAt, handed.now],
  );
}

/** To the end of the transaction: one peer's calls make deliveries one after the other. */
export async function takeFeedTurn(tx: Queryable, peer: MemberId): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 47))', [`feed ${peer}`]);
}

export async function latestMid(
  tx: Queryable,
  envelopeId: string,
  peer: MemberId,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ mid: string }>(
    'SELECT mid FROM delivery WHERE envelope_id = $1 AND recipient = $2 ORDER BY no DESC LIMIT 1',
    [envelopeId, peer],
  );
  return rows[0]?.mid;
}
