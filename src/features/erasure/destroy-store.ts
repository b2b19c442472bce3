/** SQL of erasing: values, salts and look-ups go; the signed envelope keeps its commitment and still verifies. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { FeatureType } from '../feature-type.ts';

/** A feature or a sighting that lost its value just now. */
export interface ErasedRow {
  readonly feature: string;
  readonly issuer: MemberId;
  readonly envelope: string;
  readonly group: GroupId;
  readonly purpose: string;
  readonly type: FeatureType;
  /** Hex: what its look-up was. Not kept. */
  readonly lookup: string;
  readonly sighting: boolean;
  readonly commitment: string | null;
}

export interface Destroyed {
  readonly rows: readonly ErasedRow[];
  /** Screenings that the features had decided; they lost the salt that would tell who was screened. */
  readonly screenings: number;
}

const PLACE = 'x.batch, x.position, x.id AS feature, x.member AS issuer, x.type, x.lookup';

/**
 * `target` selects PLACE and `sighting`. A commitment whose salt is gone can't be searched by trying every value; the
 * same goes for the commitments of screenings, where the hit names the feature and so would name its value.
 */
function destroying(target: string): string {
  return `WITH target AS (${target}),
    features AS (
      UPDATE feature x SET lookup = NULL FROM target t
       WHERE NOT t.sighting AND x.batch = t.batch AND x.position = t.position
    ), sightings AS (
      UPDATE feature_sighting x SET lookup = NULL FROM target t
       WHERE t.sighting AND x.batch = t.batch AND x.position = t.position
    ), gone AS (
      DELETE FROM feature_disclosure d USING target t WHERE d.batch = t.batch AND d.position = t.position
      RETURNING d.batch, d.position, encode(sha256(d.salt || convert_to(d.value, 'UTF8')), 'hex') AS commitment
    ), hits AS (
      SELECT DISTINCT h.screening, h.position FROM screening_hit h
        JOIN target t ON h.feature = t.feature AND h.member = t.issuer
    ), unsalted AS (
      UPDATE screening_result r SET salt = NULL FROM hits h
       WHERE r.screening = h.screening AND r.position = h.position AND r.salt IS NOT NULL RETURNING 1
    )
    SELECT t.feature, t.issuer, t.type, t.sighting, encode(t.lookup, 'hex') AS lookup, b.id AS envelope,
           b.group_id AS "group", b.purpose, g.commitment, (SELECT count(*) FROM unsalted) AS screenings
      FROM target t JOIN feature_batch b ON b.no = t.batch
      LEFT JOIN gone g ON g.batch = t.batch AND g.position = t.position`;
}

const OF_SUBJECT = destroying(
  `SELECT ${PLACE}, false AS sighting FROM feature x WHERE x.type = $1 AND x.lookup = decode($2, 'hex')
   UNION ALL
   SELECT ${PLACE}, true FROM feature_sighting x WHERE x.type = $1 AND x.lookup = decode($2, 'hex')`,
);

/** All features and sightings of one value, whoever issued them. */
export function destroySubject(
  tx: Queryable,
  subject: { readonly type: FeatureType; readonly lookup: string },
): Promise<Destroyed> {
  return destroy(tx, OF_SUBJECT, [subject.type, subject.lookup]);
}

const NAMED = `FROM unnest($3::uuid[], $4::uuid[]) AS n (envelope, feature)
   JOIN feature_batch b ON b.issuer = $1 AND b.id = n.envelope AND b.group_id = $2`;

const OF_ISSUER = destroying(
  `SELECT ${PLACE}, false AS sighting ${NAMED} JOIN feature x ON x.batch = b.no AND x.id = n.feature
    WHERE x.lookup IS NOT NULL AND x.type = ANY ($5)
   UNION
   SELECT ${PLACE}, true ${NAMED} JOIN feature_sighting x ON x.batch = b.no AND x.id = n.feature
    WHERE x.lookup IS NOT NULL AND x.type = ANY ($5)`,
);

export interface NamedFeature {
  readonly envelope: string;
  readonly feature: string;
}

export interface IssuersFeatures {
  readonly issuer: MemberId;
  readonly group: GroupId;
  readonly named: readonly NamedFeature[];
  /** Others stand in signed bytes and can't be erased. */
  readonly types: readonly FeatureType[];
}

/** Those of the named features that `issuer` sent to the group. */
export function destroyNamed(
  tx: Queryable,
  { issuer, group, named, types }: IssuersFeatures,
): Promise<Destroyed> {
  const envelopes = named.map(({ envelope }) => envelope);
  const features = named.map(({ feature }) => feature);
  return destroy(tx, OF_ISSUER, [issuer, group, envelopes, features, types]);
}

async function destroy(tx: Queryable, text: string, values: readonly unknown[]): Promise<Destroyed> {
  const { rows } = await tx.query<ErasedRow & { readonly screenings: number }>(text, values);
  return { rows, screenings: rows[0]?.screenings ?? 0 };
}
