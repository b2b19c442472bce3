/** SQL of a gateway's vital signs: a few index look-ups in one round trip, cheap enough to be asked each second. */
import type { Queryable } from '../storage/database.ts';

export interface StoredSigns {
  /** The database's own time, milliseconds since 1970. */
  readonly databaseMs: number;
  /** Acts that wait to be sequenced; counted up to `WAITING_SHOWN`. */
  readonly waiting: number;
  /** Of the one that waits longest; null when none does. */
  readonly oldestWaiting: number | null;
  readonly size: number | null;
  readonly root: Buffer | null;
  readonly checkpointAt: Date | null;
  /** As the statistics collector estimates it. */
  readonly tokenIds: number | null;
}

export interface OpenDeliveries {
  readonly recipient: string;
  readonly pending: number;
  readonly sent: number;
  readonly oldest: Date;
}

export interface Cosigned {
  readonly vkey: string;
  readonly size: number | null;
  readonly cosignedAt: Date | null;
}

export const WAITING_SHOWN = 20_001;

export async function readStoredSigns(database: Queryable): Promise<StoredSigns | undefined> {
  const { rows } = await database.query<StoredSigns>(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "databaseMs",
       (SELECT count(*) FROM (SELECT 1 FROM ledger_intake LIMIT $1) AS queue)::int AS waiting,
       (SELECT min(id) FROM ledger_intake) AS "oldestWaiting",
       (SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = 'token_id'::regclass) AS "tokenIds",
       head.size, head.root, head.made_at AS "checkpointAt"
     FROM (SELECT 1) AS one
     LEFT JOIN (SELECT size, root, made_at FROM ledger_checkpoint ORDER BY size DESC LIMIT 1) AS head ON true`,
    [WAITING_SHOWN],
  );
  return rows[0];
}

export async function readOpenDeliveries(database: Queryable): Promise<readonly OpenDeliveries[]> {
  const { rows } = await database.query<OpenDeliveries>(
    `SELECT recipient, count(*) FILTER (WHERE state = 'pending')::int AS pending,
       count(*) FILTER (WHERE state = 'sent')::int AS sent, min(created_at) AS oldest
     FROM delivery WHERE state IN ('pending', 'sent') GROUP BY recipient`,
  );
  return rows;
}

/** What each witness cosigned last. */
export async function readLastCosigned(
  database: Queryable,
  vkeys: readonly string[],
): Promise<readonly Cosigned[]> {
  const { rows } = await database.query<Cosigned>(
    `SELECT asked.vkey, last.size, last.cosigned_at AS "cosignedAt"
     FROM unnest($1::text[]) AS asked (vkey)
     LEFT JOIN LATERAL (SELECT size, cosigned_at FROM ledger_cosignature c
       WHERE c.vkey = asked.vkey ORDER BY size DESC LIMIT 1) AS last ON true`,
    [vkeys],
  );
  return rows;
}
