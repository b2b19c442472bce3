/** Leases of tokens: one statement takes a chunk from a bucket that all processes of a gateway share. */
import type { Database } from '../../storage/database.ts';
import type { Rate } from './rate.ts';

export interface LeaseOrder {
  readonly bucket: string;
  /** Tokens asked for; fewer are granted when the bucket has fewer. */
  readonly wanted: number;
  readonly rate: Rate;
}

export interface RateBuckets {
  /** Whole tokens granted now, 0 to `wanted`. */
  lease(order: LeaseOrder): Promise<number>;
  /** Forgets buckets that have been full for a day. */
  purge(): Promise<void>;
}

/** `database`: a pool with `synchronousCommit: 'off'`; a bucket that a crash empties or fills is no loss. */
export function rateBuckets(database: Database): RateBuckets {
  return {
    lease: async ({ bucket, wanted, rate: { perSecond, burst } }) => {
      const { rows } = await database.query<{ granted: number }>(LEASE, [bucket, wanted, perSecond, burst]);
      return rows[0]?.granted ?? 0;
    },
    purge: async () => {
      await database.query(`DELETE FROM rate_bucket WHERE refilled_at < now() - interval '1 day'`);
    },
  };
}

// The database's clock is the only one that all processes share; one that steps back refills nothing meanwhile.
const REFILLED = `least($4::float8, b.tokens +
  $3::float8 * greatest(0, extract(epoch FROM clock_timestamp() - b.refilled_at)))`;
const LEASE = `
  INSERT INTO rate_bucket AS b (bucket, tokens, granted, refilled_at)
  VALUES ($1, $4::float8 - least($2::int, floor($4::float8)), least($2::int, floor($4::float8)), clock_timestamp())
  ON CONFLICT (bucket) DO UPDATE SET
    granted = floor(least($2::int, ${REFILLED})),
    tokens = ${REFILLED} - floor(least($2::int, ${REFILLED})),
    refilled_at = greatest(b.refilled_at, clock_timestamp())
  RETURNING granted`;
