/** SQL of how far we have read the feeds of our peers. */
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';

export interface Feed {
  readonly peer: MemberId;
  readonly group: GroupId;
}

export interface FeedPosition extends Feed {
  readonly cursor: string | null;
  readonly attempts: number;
}

/**
 * Makes the positions be those of `feeds`: a feed that is new begins at the beginning, one that is gone is read on from
 * where it was, should it come back.
 */
export async function keepPositions(database: Queryable, feeds: readonly Feed[], now: Date): Promise<void> {
  const values = [feeds.map(({ peer }) => peer), feeds.map(({ group }) => group), now];
  await database.query(
    `WITH feeds AS (SELECT * FROM unnest($1::text[], $2::text[]) AS f (peer, group_id)), gone AS (
       UPDATE feed_position p SET caught_up_at = NULL, next_at = $3
       WHERE p.caught_up_at IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM feeds f WHERE f.peer = p.peer AND f.group_id = p.group_id)
     )
     INSERT INTO feed_position (peer, group_id, next_at) SELECT peer, group_id, $3 FROM feeds
     ON CONFLICT DO NOTHING`,
    values,
  );
}

/** Of `feeds`, what was never caught up with, or not since `stale`; never failed ones before their pause is over. */
export async function duePositions(
  database: Queryable,
  feeds: readonly Feed[],
  { now, stale }: { readonly now: Date; readonly stale: Date },
): Promise<readonly FeedPosition[]> {
  const { rows } = await database.query<FeedPosition>(
    `SELECT p.peer, p.group_id AS "group", p.cursor, p.attempts
     FROM unnest($1::text[], $2::text[]) AS f (peer, group_id)
     JOIN feed_position p ON p.peer = f.peer AND p.group_id = f.group_id
     WHERE p.next_at <= $3 AND (p.caught_up_at IS NULL OR p.caught_up_at < $4) ORDER BY p.next_at`,
    [feeds.map(({ peer }) => peer), feeds.map(({ group }) => group), now, stale],
  );
  return rows;
}

export async function findPosition(database: Queryable, { peer, group }: Feed): Promise<string | null> {
  const { rows } = await database.query<{ cursor: string | null }>(
    'SELECT cursor FROM feed_position WHERE peer = $1 AND group_id = $2',
    [peer, group],
  );
  return rows[0]?.cursor ?? null;
}

/** After all of a page was taken or refused. `caughtUp`: there was nothing behind it. */
export async function movePosition(
  database: Queryable,
  { peer, group }: Feed,
  to: { readonly cursor: string | null; readonly now: Date; readonly caughtUp: boolean },
): Promise<void> {
  await database.query(
    `INSERT INTO feed_position AS p (peer, group_id, cursor, caught_up_at, next_at)
     VALUES ($1, $2, $3, CASE WHEN $5 THEN $4::timestamptz END, $4)
     ON CONFLICT (peer, group_id) DO UPDATE SET cursor = coalesce($3, p.cursor), attempts = 0, code = NULL, next_at = $4,
       caught_up_at = CASE WHEN $5 THEN $4::timestamptz ELSE p.caught_up_at END`,
    [peer, group, to.cursor, to.now, to.caughtUp],
  );
}

export async function postponePosition(
  database: Queryable,
  { peer, group }: Feed,
  retry: { readonly at: Date; readonly code: string },
): Promise<void> {
  await database.query(
    `UPDATE feed_position SET attempts = attempts + 1, next_at = $3, code = $4
     WHERE peer = $1 AND group_id = $2`,
    [peer, group, retry.at, retry.code],
  );
}
