/** SQL of listing: keyset paging over (ledger index of the batch, position in the batch). */
import type { GroupId, MemberId } from '../core/ids.ts';
import type { Queryable } from '../storage/database.ts';
import type { FeatureDetail, FeatureFacts } from './feature.ts';
import type { FeatureType } from './feature-type.ts';

export interface Place {
  /** Ledger index of the batch. */
  readonly seq: number;
  readonly position: number;
}

export type ListedFeature = FeatureFacts & {
  readonly id: string;
  readonly type: FeatureType;
  readonly group: GroupId;
  readonly member: MemberId;
  /** Missing when the personal value was erased. */
  readonly value?: string;
  readonly erased?: true;
  readonly receivedAt: string;
};

interface Row {
  readonly seq: number;
  readonly position: number;
  readonly id: string;
  readonly member: string;
  readonly type: FeatureType;
  readonly value: string | null;
  readonly confidence: number;
  readonly first_seen: Date;
  readonly last_seen: Date;
  readonly valid_from: Date | null;
  readonly valid_until: Date | null;
  readonly tlp: FeatureFacts['tlp'];
  readonly grade: number;
  readonly detail: string | null;
  readonly received_at: Date;
}

/** Batches looked at for one page; a page may end early, never skip. */
const BATCHES = 200;
const LAST_POSITION = 32_767;

interface PageQuestion {
  readonly group: GroupId;
  readonly after: Place;
  readonly limit: number;
}

/** `next` is given whenever there may be more. */
export async function featuresAfter(
  database: Queryable,
  { group, after, limit }: PageQuestion,
): Promise<{ readonly features: readonly ListedFeature[]; readonly next?: Place }> {
  const candidates = await batchesFrom(database, group, after.seq);
  const batches = enoughOf(candidates, after.position + 1 + limit);
  const { rows } = await database.query<Row>(
    `SELECT b.seq, f.position, f.id, f.member, f.type, coalesce(f.value, d.value) AS value, f.confidence,
            f.first_seen, f.last_seen, f.valid_from, f.valid_until, f.tlp, f.grade, f.detail, b.received_at
       FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS b(no, seq, received_at)
       JOIN feature f ON f.batch = b.no
       LEFT JOIN feature_disclosure d ON d.batch = f.batch AND d.position = f.position
      WHERE (b.seq, f.position) > ($4, $5)
      ORDER BY b.seq, f.position
      LIMIT $6`,
    [
      batches.map((batch) => batch.no),
      batches.map((batch) => batch.seq),
      batches.map((batch) => batch.received_at),
      after.seq,
      after.position,
      limit + 1,
    ],
  );
  const features = rows.slice(0, limit).map((row) => listed(row, group));
  const next = rows.length > limit ? rows[limit - 1] : endOf(batches, candidates);
  return next === undefined ? { features } : { features, next: { seq: next.seq, position: next.position } };
}

interface BatchRow {
  readonly no: number;
  readonly seq: number;
  /** Features and sightings. */
  readonly size: number;
  readonly received_at: Date;
}

async function batchesFrom(database: Queryable, group: GroupId, seq: number): Promise<readonly BatchRow[]> {
  const { rows } = await database.query<BatchRow>(
    `SELECT b.no, e.seq, b.size, b.received_at
       FROM feature_batch b JOIN ledger_entry e ON e.key = b.ledger_key
      WHERE b.group_id = $1 AND e.seq >= $2
      ORDER BY e.seq LIMIT $3`,
    [group, seq, BATCHES],
  );
  return rows;
}

/** The first batches that hold so many items; their sightings are no features, so the page may come out shorter. */
function enoughOf(batches: readonly BatchRow[], items: number): readonly BatchRow[] {
  let held = 0;
  const enough = batches.findIndex(({ size }) => (held += size) > items);
  return enough === -1 ? batches : batches.slice(0, enough + 1);
}

/** Where to go on when all of `batches` was shown and there may be others. */
function endOf(batches: readonly BatchRow[], candidates: readonly BatchRow[]): Place | undefined {
  const last = batches.at(-1);
  const complete = batches.length === candidates.length && candidates.length < BATCHES;
  return last === undefined || complete ? undefined : { seq: last.seq, position: LAST_POSITION };
}

function listed(row: Row, group: GroupId): ListedFeature {
  const { id, member, type, value, confidence, tlp, grade } = row;
  return {
    id,
    type,
    ...(value === null ? { erased: true } : { value }),
    group,
    member,
    confidence,
    firstSeen: row.first_seen.toISOString(),
    lastSeen: row.last_seen.toISOString(),
    ...(row.valid_from === null ? {} : { validFrom: row.valid_from.toISOString() }),
    ...(row.valid_until === null ? {} : { validUntil: row.valid_until.toISOString() }),
    tlp,
    grade,
    ...(row.detail === null ? {} : (JSON.parse(row.detail) as FeatureDetail)),
    receivedAt: row.received_at.toISOString(),
  };
}

export async function countsOf(
  database: Queryable,
  group: GroupId,
): Promise<{ readonly features: number; readonly sightings: number }> {
  const { rows } = await database.query<{ features: number; sightings: number }>(
    `SELECT coalesce(sum((SELECT count(*) FROM feature f WHERE f.batch = b.no)), 0)::bigint AS features,
            coalesce(sum((SELECT count(*) FROM feature_sighting s WHERE s.batch = b.no)), 0)::bigint AS sightings
       FROM feature_batch b
      WHERE b.group_id = $1 AND EXISTS (SELECT FROM ledger_entry e WHERE e.key = b.ledger_key)`,
    [group],
  );
  return rows[0] ?? { features: 0, sightings: 0 };
}
