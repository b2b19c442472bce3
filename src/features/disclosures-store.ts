/** SQL of disclosures: what travels beside a signed batch, for as long as nobody had it erased. */
import type { MemberId } from '../core/ids.ts';
import type { Queryable } from '../storage/database.ts';
import type { Disclosed } from '../wire/disclosure.ts';

interface Row {
  readonly salt: Buffer | null;
  readonly value: string | null;
  readonly commitment: string | null;
}

/**
 * The disclosures of an envelope that `issuer` made, in the order of the batch, and the commitments whose disclosures
 * were erased; none for other kinds. One statement: an erasure in between would leave a commitment without either.
 */
export async function disclosedOf(
  database: Queryable,
  issuer: MemberId,
  envelopeId: string,
): Promise<Disclosed> {
  const { rows } = await database.query<Row>(
    `SELECT d.position, d.salt, d.value, NULL AS commitment
       FROM feature_batch b JOIN feature_disclosure d ON d.batch = b.no
      WHERE b.issuer = $1 AND b.id = $2
     UNION ALL
     SELECT NULL, NULL, NULL, commitment FROM erased_feature
      WHERE issuer = $1 AND envelope = $2 AND commitment IS NOT NULL
      ORDER BY position, commitment`,
    [issuer, envelopeId],
  );
  return {
    disclosures: rows.flatMap(({ salt, value }) =>
      salt === null || value === null ? [] : [{ salt: salt.toString('base64url'), value }],
    ),
    erased: rows.flatMap(({ commitment }) => commitment ?? []),
  };
}
