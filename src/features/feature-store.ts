/** SQL of batches: a few statements for a thousand features, none for one. */
import { isGatewayError, GatewayError } from '../core/errors.ts';
import type { Queryable } from '../storage/database.ts';
import type { BatchItem, FeatureBatch, SignedFeature } from './feature.ts';

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
  const { rows } = await tx.query<{ position: number }>(
    `INSERT INTO feature (batch, member, group_id, position, id, type, lookup, value, confidence, first_seen,
                          last_seen, valid_from, valid_until, tlp, grade, detail)
     SELECT $1, $2, $3, position, id, type, decode(lookup, 'hex'), value, confidence, first_seen, last_seen,
            valid_from, valid_until, tlp, grade, detail
       FROM unnest($4::smallint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::smallint[],
                   $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::text[],
                   $15::smallint[], $16::text[])
         AS r(position, id, type, lookup, value, confidence, first_seen, last_seen, valid_from, valid_until, tlp,
              grade, detail)
      ORDER BY r.type, r.lookup
     ON CONFLICT (type, lookup, group_id) DO NOTHING
     RETURNING position`,
    [no, batch.issuer, batch.group, ...featureColumns(batch.items)],
  );
  return new Set(rows.map((row) => row.position));
}

function featureColumns(items: readonly BatchItem[]): readonly unknown[] {
  const signed = items.map((item) => item.signed);
  return [
    items.map((_, position) => position),
    signed.map((feature) => feature.id),
    signed.map((feature) => feature.type),
    items.map((item) => item.lookup),
    signed.map((feature) => feature.value ?? null),
    signed.map((feature) => feature.confidence),
    ...timeColumns(signed),
    signed.map((feature) => feature.tlp),
    signed.map((feature) => feature.grade),
    signed.map(detailOf),
  ];
}

function timeColumns(signed: readonly SignedFeature[]): readonly (readonly (string | null)[])[] {
  return [
    signed.map((feature) => feature.firstSeen),
    signed.map((feature) => feature.lastSeen),
    signed.map((feature) => feature.validFrom ?? null),
    signed.map((feature) => feature.validUntil ?? null),
  ];
}

/** JSON of what is only shown, never searched. */
function detailOf(feature: SignedFeature): string | null {
  const { context, source, counterIndications, evidence, supersedes } = feature;
  const detail = JSON.stringify({ context, source, counterIndications, evidence, supersedes });
  return detail === '{}' ? null : detail;
}

interface Rest {
  readonly no: number;
  readonly batch: FeatureBatch;
  /** Positions that became features. */
  readonly added: ReadonlySet<number>;
}

async function insertSightings(tx: Queryable, { no, batch, added }: Rest): Promise<void> {
  const positions = batch.items.map((_, position) => position).filter((position) => !added.has(position));
  const items = positions.flatMap((position) => batch.items[position] ?? []);
  const signed = items.map((item) => item.signed);
  await tx.query(
    `INSERT INTO feature_sighting (batch, member, group_id, position, id, type, lookup, confidence, first_seen,
                                   last_seen, valid_from, valid_until)
     SELECT $1, $2, $3, position, id, type, decode(lookup, 'hex'), confidence, first_seen, last_seen, valid_from,
            valid_until
       FROM unnest($4::smallint[], $5::uuid[], $6::text[], $7::text[], $8::smallint[], $9::timestamptz[],
                   $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
         AS r(position, id, type, lookup, confidence, first_seen, last_seen, valid_from, valid_until)`,
    [
      no,
      batch.issuer,
      batch.group,
      positions,
      signed.map((feature) => feature.id),
      signed.map((feature) => feature.type),
      items.map((item) => item.lookup),
      signed.map((feature) => feature.confidence),
      ...timeColumns(signed),
    ],
  );
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
