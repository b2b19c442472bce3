/** SQL of screening: one indexed look-up for all subjects, and what is kept of the decision. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { FeatureType } from '../feature-type.ts';
import type { Match } from './judge.ts';
import type { Outcome } from './rules.ts';

/** A value that a subject has. */
export interface AskedValue {
  readonly type: FeatureType;
  /** Hex. */
  readonly lookup: string;
}

/** Sightings read for one value; more than this is reported as capped. */
export const SIGHTINGS_READ = 200;

interface Row {
  /** Place in the asked values, from 1. */
  readonly n: number;
  readonly group_id: string;
  /** Null for a sighting: it belongs to the feature of the same value and group. */
  readonly id: string | null;
  readonly member: MemberId;
  readonly confidence: number;
  readonly last_seen: Date;
  readonly valid_from: Date | null;
  readonly valid_until: Date | null;
}

/** Matches of each asked value, in the order asked. Only what is in the ledger counts. */
export async function matchesOf(
  database: Queryable,
  groups: readonly string[],
  asked: readonly AskedValue[],
): Promise<readonly (readonly Match[])[]> {
  const { rows } = await database.query<Row>(
    `WITH found AS MATERIALIZED (
       SELECT a.n, f.*
         FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a(type, lookup, n)
        CROSS JOIN LATERAL (
          -- OFFSET 0 keeps the planner from turning a thousand index reads into one pass over the table.
          SELECT * FROM feature
           WHERE type = a.type AND lookup = decode(a.lookup, 'hex') AND group_id = ANY($3) OFFSET 0
        ) f
        WHERE EXISTS (SELECT FROM feature_batch b JOIN ledger_entry e ON e.key = b.ledger_key WHERE b.no = f.batch)
     )
     SELECT n, group_id, id, member, confidence, last_seen, valid_from, valid_until FROM found
     UNION ALL
     SELECT f.n, f.group_id, NULL, s.member, s.confidence, s.last_seen, s.valid_from, s.valid_until
       FROM found f
       JOIN LATERAL (
         SELECT * FROM feature_sighting s
          WHERE s.type = f.type AND s.lookup = f.lookup AND s.group_id = f.group_id
          ORDER BY s.last_seen DESC LIMIT $4
       ) s ON true
       JOIN feature_batch b ON b.no = s.batch
      WHERE EXISTS (SELECT FROM ledger_entry e WHERE e.key = b.ledger_key)`,
    [asked.map((value) => value.type), asked.map((value) => value.lookup), groups, SIGHTINGS_READ],
  );
  return matchesByValue(rows, asked);
}

function matchesByValue(rows: readonly Row[], asked: readonly AskedValue[]): readonly (readonly Match[])[] {
  const contributions = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.n} ${row.group_id}`;
    const known = contributions.get(key);
    if (known === undefined) contributions.set(key, [row]);
    else known.push(row);
  }
  const matches: Match[][] = asked.map(() => []);
  for (const same of contributions.values()) {
    const feature = same.find((row) => row.id !== null);
    const type = asked[(feature?.n ?? 0) - 1]?.type;
    if (feature?.id == null || type === undefined) continue;
    const { id, member } = feature;
    const capped = same.length > SIGHTINGS_READ;
    matches[feature.n - 1]?.push({ id, member, type, contributions: same.map(contributionOf), capped });
  }
  return matches;
}

function contributionOf(row: Row): Match['contributions'][number] {
  const { member, confidence, last_seen, valid_from, valid_until } = row;
  return { member, confidence, lastSeen: last_seen, validFrom: valid_from, validUntil: valid_until };
}

export interface ScreeningRecord {
  readonly id: string;
  readonly groups: readonly string[];
  readonly purpose: string;
  readonly caseRef: string;
  readonly actor: string;
  readonly madeAt: Date;
  readonly ledgerKey: Buffer;
  readonly results: readonly {
    readonly ref: string;
    /** Opens the subject's commitment; base64url. */
    readonly salt: string;
    readonly outcome: Outcome;
    readonly confidence: number;
    readonly members: number;
    readonly used: readonly Match[];
  }[];
}

/** Keeps the decision and the features it used, never the values that were asked about. */
export async function insertScreening(tx: Queryable, record: ScreeningRecord): Promise<void> {
  const { id, groups, purpose, caseRef, actor, madeAt, ledgerKey, results } = record;
  await tx.query(
    `INSERT INTO screening (id, groups, purpose, case_ref, actor, made_at, ledger_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, groups, purpose, caseRef, actor, madeAt, ledgerKey],
  );
  await tx.query(
    `INSERT INTO screening_result (screening, position, ref, salt, outcome, confidence, members)
     SELECT $1, r.* FROM unnest($2::smallint[], $3::text[], $4::bytea[], $5::text[], $6::smallint[],
                                $7::smallint[]) AS r`,
    [
      id,
      results.map((_, position) => position),
      results.map((result) => result.ref),
      results.map((result) => Buffer.from(result.salt, 'base64url')),
      results.map((result) => result.outcome),
      results.map((result) => result.confidence),
      results.map((result) => result.members),
    ],
  );
  await insertHits(tx, record);
}

async function insertHits(tx: Queryable, { id, results }: ScreeningRecord): Promise<void> {
  const hits = results.flatMap(({ used }, position) => used.map((match) => ({ ...match, position })));
  if (hits.length === 0) return;
  await tx.query(
    `INSERT INTO screening_hit (feature, member, screening, position)
     SELECT r.feature, r.member, $1, r.position
       FROM unnest($2::uuid[], $3::text[], $4::smallint[]) AS r(feature, member, position)
     ON CONFLICT DO NOTHING`,
    [id, hits.map((hit) => hit.id), hits.map((hit) => hit.member), hits.map((hit) => hit.position)],
  );
}
