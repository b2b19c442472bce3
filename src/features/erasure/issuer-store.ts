/** SQL that tells whose a batch is. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';

export interface HeldEnvelope {
  readonly issuer: MemberId;
  readonly envelope: string;
}

export interface EnvelopesAsked {
  readonly group: GroupId;
  /** Every member that may have issued one: the index is by issuer first. */
  readonly members: readonly MemberId[];
  readonly envelopes: readonly string[];
}

export async function envelopesHeld(
  tx: Queryable,
  { group, members, envelopes }: EnvelopesAsked,
): Promise<readonly HeldEnvelope[]> {
  const { rows } = await tx.query<HeldEnvelope>(
    `SELECT b.issuer, b.id AS envelope FROM unnest($2::text[]) AS m (issuer)
       JOIN feature_batch b ON b.issuer = m.issuer AND b.id = ANY ($3::uuid[])
      WHERE b.group_id = $1`,
    [group, members, envelopes],
  );
  return rows;
}
