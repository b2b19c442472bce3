/** SQL for a screening that was judged just before one of its features was erased: it must not keep what the rest lost. */
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import { keepErasuresOut } from './turns-store.ts';

export interface UsedFeature {
  readonly id: string;
  readonly member: MemberId;
  /** Of the result that it decided. */
  readonly position: number;
}

/** In the screening's own transaction, after its hits: an erasure is over and seen here, or begins after the commit. */
export async function dropErasedSalts(
  tx: Queryable,
  screening: string,
  used: readonly UsedFeature[],
): Promise<void> {
  if (used.length === 0) return;
  await Promise.all([
    keepErasuresOut(tx),
    tx.query(
      `UPDATE screening_result r SET salt = NULL
         FROM unnest($2::uuid[], $3::text[], $4::smallint[]) AS u (feature, member, position)
         JOIN feature f ON f.id = u.feature AND f.member = u.member
        WHERE f.lookup IS NULL AND r.screening = $1 AND r.position = u.position`,
      [
        screening,
        used.map(({ id }) => id),
        used.map(({ member }) => member),
        used.map(({ position }) => position),
      ],
    ),
  ]);
}
