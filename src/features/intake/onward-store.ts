/** Which values of a push this gateway knows from other members alone, and how they came. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';

export interface KnownFromOthers {
  /** Place in what was asked, from 0. */
  readonly at: number;
  readonly member: MemberId;
  readonly group: GroupId;
  readonly purpose: string;
  /** Null: from before the grant was kept. */
  readonly grant: string | null;
}

/**
 * Index reads on (type, lookup). A value of which this member has a feature or a sighting of its own, in whatever
 * group, is its own knowledge: it has signed that it saw it. What the target group has already is not passed on to it.
 */
export async function knownFromOthers(
  database: Queryable,
  push: { readonly member: MemberId; readonly group: GroupId },
  values: readonly { readonly type: string; readonly lookup: string }[],
): Promise<readonly KnownFromOthers[]> {
  const { rows } = await database.query<KnownFromOthers>(
    `SELECT (a.n - 1)::int AS at, f.member, f.group_id AS "group", b.purpose, b.grant_id AS "grant"
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a (type, lookup, n)
       JOIN feature f ON f.type = a.type AND f.lookup = decode(a.lookup, 'hex')
       JOIN feature_batch b ON b.no = f.batch
      WHERE f.group_id <> $3 AND f.member <> $4
        AND NOT EXISTS (SELECT FROM feature t WHERE t.type = f.type AND t.lookup = f.lookup AND t.group_id = $3)
        AND NOT EXISTS (SELECT FROM feature o WHERE o.type = f.type AND o.lookup = f.lookup AND o.member = $4)
        AND NOT EXISTS (
          SELECT FROM feature_sighting s WHERE s.type = f.type AND s.lookup = f.lookup AND s.member = $4)`,
    [values.map(({ type }) => type), values.map(({ lookup }) => lookup), push.group, push.member],
  );
  return rows;
}
