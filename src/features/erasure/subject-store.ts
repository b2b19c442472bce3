/** SQL that finds the feature a person named by its id. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';

export interface FoundFeature {
  readonly member: MemberId;
  readonly type: string;
  /** Hex; null when it was erased. */
  readonly lookup: string | null;
}

/** Ids are unique for each member only. Without `member`: of all. */
export async function findFeatures(
  database: Queryable,
  id: string,
  member: MemberId | undefined,
): Promise<readonly FoundFeature[]> {
  const { rows } = await database.query<FoundFeature>(
    `SELECT member, type, encode(lookup, 'hex') AS lookup FROM feature
      WHERE id = $1 AND ($2::text IS NULL OR member = $2) ORDER BY member`,
    [id, member ?? null],
  );
  return rows;
}
