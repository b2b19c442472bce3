/** SQL of promotion: when the feature of a value was erased, the oldest sighting by another member takes its place. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { SealedEnvelope } from '../../wire/envelope.ts';
import { detailOf, type SignedFeature } from '../feature.ts';
import type { ErasedRow } from './destroy-store.ts';

interface Candidate {
  readonly batch: number;
  readonly position: number;
  /** JSON of the sealed envelope that the sighting came in. */
  readonly sealed: string;
}

/**
 * Screening starts from features, so without this the statements that other members made of the same value would be
 * lost with the issuer's own. What a sighting's row lacks stands in its envelope.
 */
export async function promoteSightings(
  tx: Queryable,
  member: MemberId,
  erased: readonly ErasedRow[],
): Promise<void> {
  const orphaned = erased.filter(({ sighting }) => !sighting);
  if (orphaned.length === 0) return;
  for (const candidate of await candidates(tx, member, orphaned)) await promote(tx, candidate);
}

/** The entry names the message, and the message is the inbox row: the inbox has no index by ledger key. */
async function candidates(
  tx: Queryable,
  member: MemberId,
  orphaned: readonly { readonly type: string; readonly lookup: string; readonly group: GroupId }[],
): Promise<readonly Candidate[]> {
  const { rows } = await tx.query<Candidate>(
    `WITH oldest AS (
       SELECT DISTINCT ON (s.type, s.lookup, s.group_id) s.batch, s.position
         FROM unnest($2::text[], $3::text[], $4::text[]) AS o (type, lookup, group_id)
         JOIN feature_sighting s
           ON s.type = o.type AND s.lookup = decode(o.lookup, 'hex') AND s.group_id = o.group_id
        WHERE NOT EXISTS (SELECT FROM feature f WHERE f.id = s.id AND f.member = s.member)
        ORDER BY s.type, s.lookup, s.group_id, s.batch, s.position
     )
     SELECT s.batch, s.position, coalesce(o.sealed, i.envelope) AS sealed
       FROM oldest s JOIN feature_batch b ON b.no = s.batch
       LEFT JOIN outbox_envelope o ON b.issuer = $1 AND o.id = b.id
       LEFT JOIN ledger_entry e ON e.key = b.ledger_key
       LEFT JOIN ledger_intake q ON q.key = b.ledger_key
       LEFT JOIN inbox i ON i.issuer = b.issuer AND i.mid = (coalesce(e.body, q.draft)::jsonb ->> 'mid')::uuid
      WHERE coalesce(o.sealed, i.envelope) IS NOT NULL`,
    [
      member,
      orphaned.map(({ type }) => type),
      orphaned.map(({ lookup }) => lookup),
      orphaned.map(({ group }) => group),
    ],
  );
  return rows;
}

async function promote(tx: Queryable, { batch, position, sealed }: Candidate): Promise<void> {
  const { tlp, grade, ...rest } = signedAt(sealed, position);
  const detail = detailOf(rest);
  await tx.query(
    `WITH taken AS (DELETE FROM feature_sighting WHERE batch = $1 AND position = $2 RETURNING *)
     INSERT INTO feature (batch, member, group_id, position, id, type, lookup, confidence, first_seen, last_seen,
                          valid_from, valid_until, tlp, grade, detail)
     SELECT batch, member, group_id, position, id, type, lookup, confidence, first_seen, last_seen,
            valid_from, valid_until, $3, $4, $5
       FROM taken`,
    [batch, position, tlp, grade, detail === '' ? null : detail],
  );
}

/** The batch was checked when it was stored. */
function signedAt(sealed: string, position: number): SignedFeature {
  const { payload } = JSON.parse(sealed) as SealedEnvelope;
  const content = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
    readonly body: { readonly features: readonly SignedFeature[] };
  };
  const feature = content.body.features[position];
  if (feature === undefined) throw new TypeError(`the batch has no feature ${position}`);
  return feature;
}
