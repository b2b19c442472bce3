/** SQL of disclosures: what travels beside a signed batch, for as long as nobody had it erased. */
import type { MemberId } from '../core/ids.ts';
import type { Queryable } from '../storage/database.ts';
import type { Disclosure } from '../wire/disclosure.ts';

/** The disclosures of an envelope that `issuer` made, in the order of the batch; none for other kinds. */
export async function disclosuresOf(
  database: Queryable,
  issuer: MemberId,
  envelopeId: string,
): Promise<readonly Disclosure[]> {
  const { rows } = await database.query<{ salt: Buffer; value: string }>(
    `SELECT d.salt, d.value
       FROM feature_batch b JOIN feature_disclosure d ON d.batch = b.no
      WHERE b.issuer = $1 AND b.id = $2
      ORDER BY d.position`,
    [issuer, envelopeId],
  );
  return rows.map(({ salt, value }) => ({ salt: salt.toString('base64url'), value }));
}
