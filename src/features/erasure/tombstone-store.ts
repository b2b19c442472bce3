/** SQL of what is left of an erased feature: its id, so that a copy that arrives late does not bring the value back. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { NamedFeature } from './destroy-store.ts';

export interface Tombstone extends NamedFeature {
  readonly issuer: MemberId;
  readonly commitment: string | null;
}

/** The act of erasure: see ErasureRow. */
export interface ErasureKey {
  readonly orderedBy: MemberId;
  readonly id: string;
}

export async function insertTombstones(
  tx: Queryable,
  act: ErasureKey,
  tombstones: readonly Tombstone[],
): Promise<void> {
  if (tombstones.length === 0) return;
  await tx.query(
    `INSERT INTO erased_feature (issuer, envelope, feature, commitment, ordered_by, erasure)
     SELECT t.*, $5, $6 FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) AS t
     ON CONFLICT DO NOTHING`,
    [
      tombstones.map(({ issuer }) => issuer),
      tombstones.map(({ envelope }) => envelope),
      tombstones.map(({ feature }) => feature),
      tombstones.map(({ commitment }) => commitment),
      act.orderedBy,
      act.id,
    ],
  );
}

/** Ids of features of these envelopes that were erased before the envelopes came. */
export async function erasedBefore(
  tx: Queryable,
  issuer: MemberId,
  envelopes: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ feature: string }>(
    'SELECT feature FROM erased_feature WHERE issuer = $1 AND envelope = ANY ($2::uuid[])',
    [issuer, envelopes],
  );
  return new Set(rows.map(({ feature }) => feature));
}
