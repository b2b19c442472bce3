/** SQL of batches: a few statements for a thousand features, none for one. */
import { isGatewayError, GatewayError } from '../core/errors.ts';
import type { Queryable } from '../storage/database.ts';
import type { BatchItem, FeatureBatch } from './feature.ts';

/** The column that `column()` made of parameter n. */
const texts = (n: number): string => `string_to_array($${n}, E'\\n', '')`;
const COMMON_COLUMNS = [
  ...[`${texts(4)}::smallint[]`, `${texts(5)}::uuid[]`, texts(6), texts(7), `${texts(8)}::smallint[]`],
  ...[9, 10, 11, 12].map((n) => `${texts(n)}::timestamptz[]`),
].join(', ');

export interface Stored {
  /** Values that the group did not have. */
  readonly added: number;
  /** Values that it had: stored as sightings. */
  readonly sighted: number;
}

/**
 * Stores a batch in the caller's transaction. Throws exchange.id-conflict when the issuer used the envelope id
 * before, feature.invalid when it used a feature id before.
 */
export async function insertBatch(tx: Queryable, batch: FeatureBatch): Promise<Stored> {
  try {
    const no = await insertHead(tx, batch);
    await insertDisclosures(tx, no, batch.items);
    const added = await insertFeatures(tx, no, batch);
    const rest = batch.items.length - added.size;
    if (rest > 0) await insertSightings(tx, { no, batch, added });
    return { added: added.size, sighted: rest };
  } catch (error) {
    throw conflictOf(error) ?? error;
  }
}

async function insertHead(tx: Queryable, batch: FeatureBatch): Promise<number> {
  const { rows } = await tx.query<{ no: number }>(
    `INSERT INTO feature_batch (id, issuer, group_id, purpose, size, created_at, received_at, ledger_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING no`,
    [
      batch.id,
      batch.issuer,
      batch.group,
      batch.purpose,
      batch.items.length,
      batch.createdAt,
      batch.receivedAt,
      batch.ledgerKey,
    ],
  );
  return rows[0]?.no ?? 0;
}

/**
 * Positions that were new to the group. The order of insertion is the order of the unique index: two transactions
 * that meet the same values then wait for each other in one direction and can't deadlock.
 */
async function insertFeatures(tx: Queryable, no: number, batch: FeatureBatch): Promise<Set<number>> {
  const { items } = batch;
  const { rows } = await tx.query<{ position: number }>(
    `INSERT INTO feature (batch, member, group_id, position, id, type, lookup, confidence, first_seen, last_seen,
                          valid_from, valid_until, value, tlp, grade, detail)
     SELECT $1, $2, $3, position, id, type, decode(lookup, 'hex'), confidence, first_seen, last_seen, valid_from,
            valid_until, value, tlp, grade, detail
       FROM unnest(${COMMON_COLUMNS}, ${texts(13)}, ${texts(14)}, ${texts(15)}::smallint[], ${texts(16)})
         AS r(position, id, type, lookup, confidence, first_seen, last_seen, valid_from, valid_until, value, tlp,
              grade, detail)
      ORDER BY r.type, r.lookup
     ON CONFLICT (type, lookup, group_id) DO NOTHING
     RETURNING position`,
    [
      ...[no, batch.issuer, batch.group],
      ...commonColumns(items.map((item, position) => ({ item, position }))),
      column(items, ({ signed }) => signed.value),
      column(items, ({ signed }) => signed.tlp),
      column(items, ({ signed }) => signed.grade),
      column(items, ({ detail }) => detail),
    ],
  );
  return new Set(rows.map((row) => row.position));
}

interface Rest {
  readonly no: number;
  readonly batch: FeatureBatch;
  /** Positions that became features. */
  readonly added: ReadonlySet<number>;
}

async function insertSightings(tx: Queryable, { no, batch, added }: Rest): Promise<void> {
  const placed = batch.items.map((item, position) => ({ item, position }));
  await tx.query(
    `INSERT INTO feature_sighting (batch, member, group_id, position, id, type, lookup, confidence, first_seen,
                                   last_seen, valid_from, valid_until)
     SELECT $1, $2, $3, position, id, type, decode(lookup, 'hex'), confidence, first_seen, last_seen, valid_from,
            valid_until
       FROM unnest(${COMMON_COLUMNS})
         AS r(position, id, type, lookup, confidence, first_seen, last_seen, valid_from, valid_until)`,
    [no, batch.issuer, batch.group, ...commonColumns(placed.filter(({ position }) => !added.has(position)))],
  );
}

interface Placed {
  readonly item: BatchItem;
  readonly position: number;
}

/** $4–$12. */
function commonColumns(placed: readonly Placed[]): readonly string[] {
  const signed = placed.map(({ item }) => item.signed);
  return [
    column(placed, ({ position }) => position),
    column(signed, (feature) => feature.id),
    column(signed, (feature) => feature.type),
    column(placed, ({ item }) => item.lookup),
    column(signed, (feature) => feature.confidence),
    column(signed, (feature) => feature.firstSeen),
    column(signed, (feature) => feature.lastSeen),
    column(signed, (feature) => feature.validFrom),
    column(signed, (feature) => feature.validUntil),
  ];
}

/**
 * A column travels as one text, a line a row, an empty line for null: quoting each element of an array costs the
 * driver more than the rest of a batch. No stored text holds a newline: normal forms have no control characters
 * and JSON escapes them.
 */
function column<T>(rows: readonly T[], cell: (row: T) => string | number | undefined): string {
  return rows.map(cell).join('\n');
}

/** The only place where the value of a personal feature stands; erasing the row erases the person from the batch. */
async function insertDisclosures(tx: Queryable, no: number, items: readonly BatchItem[]): Promise<void> {
  const disclosed = items.flatMap(({ disclosure }, position) =>
    disclosure === undefined ? [] : [{ position, ...disclosure }],
  );
  if (disclosed.length === 0) return;
  await tx.query(
    `INSERT INTO feature_disclosure (batch, position, salt, value)
     SELECT $1, r.* FROM unnest($2::smallint[], $3::bytea[], $4::text[]) AS r`,
    [
      no,
      disclosed.map((row) => row.position),
      disclosed.map((row) => Buffer.from(row.salt, 'base64url')),
      disclosed.map((row) => row.value),
    ],
  );
}

/** Ids come from peers; a second use is theirs to mend, not an inner error. */
function conflictOf(error: unknown): GatewayError | undefined {
  if (isGatewayError(error) || !(error instanceof Error) || !('constraint' in error)) return undefined;
  if (error.constraint === 'feature_batch_issuer_id_key') {
    return new GatewayError('exchange.id-conflict', 'the issuer used this envelope id before', {
      cause: error,
    });
  }
  if (error.constraint === 'feature_pkey') {
    return new GatewayError('feature.invalid', 'the issuer used a feature id before', { cause: error });
  }
  return undefined;
}
