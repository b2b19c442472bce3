/** SQL of the tile server: runs of entries and of tree nodes, and the newest checkpoint. */
import type { Queryable } from '../../storage/database.ts';

export interface Run {
  readonly start: number;
  readonly count: number;
}

/** Both readers stop at the first hole. */
export async function readBodies(database: Queryable, run: Run): Promise<string[]> {
  const { rows } = await database.query<{ at: number; body: string }>(
    'SELECT seq AS at, body FROM ledger_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq',
    [run.start, run.start + run.count],
  );
  return untilHole(rows, run).map((row) => row.body);
}

/** Hashes of the perfect subtrees of one level; level 0 are the leaves. */
export async function readLevel(database: Queryable, level: number, run: Run): Promise<Buffer[]> {
  const range = [run.start, run.start + run.count];
  const { rows } =
    level === 0
      ? await database.query<{ at: number; hash: Buffer }>(
          'SELECT seq AS at, leaf AS hash FROM ledger_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq',
          range,
        )
      : await database.query<{ at: number; hash: Buffer }>(
          'SELECT index AS at, hash FROM ledger_node WHERE level = $3 AND index >= $1 AND index < $2 ORDER BY index',
          [...range, level],
        );
  return untilHole(rows, run).map((row) => row.hash);
}

function untilHole<R extends { readonly at: number }>(rows: readonly R[], run: Run): readonly R[] {
  const hole = rows.findIndex((row, i) => row.at !== run.start + i);
  return hole < 0 ? rows : rows.slice(0, hole);
}
