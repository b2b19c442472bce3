/** SQL of batches: one statement for a thousand features in one batch, or for one feature in each of a hundred. */
import { GatewayError } from '../core/errors.ts';
import type { Queryable } from '../storage/database.ts';
import { column, textColumn } from '../storage/text-columns.ts';
import { conflictOf } from './batch-conflict.ts';
import { keepErasuresOut } from './erasure/turns-store.ts';
import type { BatchItem, FeatureBatch } from './feature.ts';

export interface Stored {
  /** Values that the group did not have. */
  readonly added: number;
  /** Values that it had: stored as sightings. */
  readonly sighted: number;
}

/** A feature and its place: `at` counts the batches of the statement, `position` the features of the batch. */
interface Placed {
  readonly item: BatchItem;
  readonly at: number;
  readonly position: number;
}

/** A batch's number in the database, and which of its features became features. */
interface StoredHead {
  readonly id: string;
  readonly no: number;
  readonly added: readonly number[];
}

/** See `insertBatches`. */
export async function insertBatch(tx: Queryable, batch: FeatureBatch): Promise<Stored> {
  return (await insertBatches(tx, [batch]))[0] as Stored;
}

/**
 * Stores batches of one issuer in the caller's transaction, all or none, and answers in their order. Throws
 * exchange.id-conflict when the issuer used an envelope id before, feature.invalid when it used a feature id before.
 */
export async function insertBatches(
  tx: Queryable,
  batches: readonly FeatureBatch[],
): Promise<readonly Stored[]> {
  try {
    const placed = batches.flatMap(({ items }, at) =>
      items.map((item, position) => ({ item, at, position })),
    );
    const personal = placed.some(({ item }) => item.disclosure !== undefined);
    const [, stored] = await Promise.all([
      personal ? keepErasuresOut(tx) : undefined,
      insertFeatures(tx, batches, placed),
    ]);
    const heads = batches.map(({ id }) => headOf(stored, id));
    await insertDisclosures(tx, heads, placed);
    await insertSightings(tx, { batches, heads, placed });
    return heads.map(({ added }, at) => {
      const items = batches[at]?.items.length ?? 0;
      return { added: added.length, sighted: items - added.length };
    });
  } catch (error) {
    throw conflictOf(error) ?? error;
  }
}

function headOf(stored: readonly StoredHead[], id: string): StoredHead {
  const head = stored.find((one) => one.id === id);
  if (head === undefined) throw new GatewayError('internal', `batch ${id} was not stored`);
  return head;
}

const COMMON_COLUMNS = (first: number): string =>
  ['smallint', 'smallint', 'uuid', 'text', 'text', 'smallint', ...Array<string>(4).fill('timestamptz')]
    .map((type, i) => `${textColumn(first + i)}::${type}[]`)
    .join(', ');

/**
 * The order of insertion is the order of the unique index: two transactions that meet the same values then wait for
 * each other in one direction and can't deadlock.
 */
const INSERT_FEATURES = `
  WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::bytea[],
                         $23::text[])
      WITH ORDINALITY AS g (id, group_id, purpose, size, created_at, received_at, ledger_key, grant_id, at)
  ), head AS (
    INSERT INTO feature_batch (id, issuer, group_id, purpose, size, created_at, received_at, ledger_key, grant_id)
    SELECT id, $8, group_id, purpose, size, created_at, received_at, ledger_key, grant_id FROM given ORDER BY at
    RETURNING no, id, group_id
  ), added AS (
    INSERT INTO feature (batch, member, group_id, position, id, type, lookup, confidence, first_seen, last_seen,
                         valid_from, valid_until, value, tlp, grade, detail)
    SELECT h.no, $8, h.group_id, r.position, r.id, r.type, decode(r.lookup, 'hex'), r.confidence, r.first_seen,
           r.last_seen, r.valid_from, r.valid_until, r.value, r.tlp, r.grade, r.detail
      FROM unnest(${COMMON_COLUMNS(9)}, ${textColumn(19)}, ${textColumn(20)}, ${textColumn(21)}::smallint[], ${textColumn(22)})
        AS r (at, position, id, type, lookup, confidence, first_seen, last_seen, valid_from, valid_until, value, tlp,
              grade, detail)
      JOIN given g ON g.at = r.at + 1 JOIN head h ON h.id = g.id
     ORDER BY r.type, r.lookup, r.at, r.position
    ON CONFLICT (type, lookup, group_id) DO NOTHING
    RETURNING batch, position
  )
  SELECT h.id, h.no, coalesce(array_agg(a.position) FILTER (WHERE a.position IS NOT NULL), '{}') AS added
    FROM head h LEFT JOIN added a ON a.batch = h.no GROUP BY h.id, h.no`;

async function insertFeatures(
  tx: Queryable,
  batches: readonly FeatureBatch[],
  placed: readonly Placed[],
): Promise<readonly StoredHead[]> {
  const { rows } = await tx.query<StoredHead>(INSERT_FEATURES, [
    batches.map((batch) => batch.id),
    batches.map((batch) => batch.group),
    batches.map((batch) => batch.purpose),
    batches.map((batch) => batch.items.length),
    batches.map((batch) => batch.createdAt),
    batches.map((batch) => batch.receivedAt),
    batches.map((batch) => batch.ledgerKey),
    batches[0]?.issuer,
    ...commonColumns(placed),
    column(placed, ({ item }) => item.signed.value),
    column(placed, ({ item }) => item.signed.tlp),
    column(placed, ({ item }) => item.signed.grade),
    column(placed, ({ item }) => item.detail),
    batches.map((batch) => batch.grant ?? null),
  ]);
  return rows;
}

interface Rest {
  readonly batches: readonly FeatureBatch[];
  readonly heads: readonly StoredHead[];
  readonly placed: readonly Placed[];
}

const INSERT_SIGHTINGS = `
  INSERT INTO feature_sighting (batch, member, group_id, position, id, type, lookup, confidence, first_seen,
                                last_seen, valid_from, valid_until)
  SELECT g.no, $3, g.group_id, r.position, r.id, r.type, decode(r.lookup, 'hex'), r.confidence, r.first_seen,
         r.last_seen, r.valid_from, r.valid_until
    FROM unnest(${COMMON_COLUMNS(4)})
      AS r (at, position, id, type, lookup, confidence, first_seen, last_seen, valid_from, valid_until)
    JOIN unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS g (no, group_id, at) ON g.at = r.at + 1`;

async function insertSightings(tx: Queryable, { batches, heads, placed }: Rest): Promise<void> {
  const added = heads.map((head) => new Set(head.added));
  const rest = placed.filter(({ at, position }) => added[at]?.has(position) !== true);
  if (rest.length === 0) return;
  await tx.query(INSERT_SIGHTINGS, [
    heads.map(({ no }) => no),
    batches.map(({ group }) => group),
    batches[0]?.issuer,
    ...commonColumns(rest),
  ]);
}

/** The ten that features and sightings share. */
function commonColumns(placed: readonly Placed[]): readonly string[] {
  return [
    column(placed, ({ at }) => at),
    column(placed, ({ position }) => position),
    column(placed, ({ item }) => item.signed.id),
    column(placed, ({ item }) => item.signed.type),
    column(placed, ({ item }) => item.lookup),
    column(placed, ({ item }) => item.signed.confidence),
    column(placed, ({ item }) => item.signed.firstSeen),
    column(placed, ({ item }) => item.signed.lastSeen),
    column(placed, ({ item }) => item.signed.validFrom),
    column(placed, ({ item }) => item.signed.validUntil),
  ];
}

/** The only place where the value of a personal feature stands; erasing the row erases the person from the batch. */
async function insertDisclosures(
  tx: Queryable,
  heads: readonly StoredHead[],
  placed: readonly Placed[],
): Promise<void> {
  const disclosed = placed.flatMap(({ item: { disclosure }, at, position }) =>
    disclosure === undefined ? [] : [{ no: heads[at]?.no, position, ...disclosure }],
  );
  if (disclosed.length === 0) return;
  await tx.query(
    `INSERT INTO feature_disclosure (batch, position, salt, value)
     SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bytea[], $4::text[])`,
    [
      disclosed.map((row) => row.no),
      disclosed.map((row) => row.position),
      disclosed.map((row) => Buffer.from(row.salt, 'base64url')),
      disclosed.map((row) => row.value),
    ],
  );
}
