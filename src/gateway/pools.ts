/** The database pools of a gateway: for work, for quick statements, and for telling how it is while the others are taken. */
import type { GatewayConfig } from '../config.ts';
import { openDatabase, type Database } from '../storage/database.ts';

export interface Pools {
  readonly database: Database;
  /** `synchronous_commit` off: what may be lost in a crash. */
  readonly quick: Database;
  /** Fails soon rather than waits: who asks for health wants an answer. */
  readonly probe: Database;
}

const QUICK = { poolSize: 4, synchronousCommit: 'off' } as const;
const PROBE = { poolSize: 2, answerWithinMs: 700 } as const;

export function openPools(
  { database: { url, poolSize = 16 }, member }: GatewayConfig,
  closing: <T>(resource: T, close: (resource: T) => unknown) => T,
): Pools {
  const open = (options: object): Database =>
    closing(openDatabase({ url, applicationName: `lianzheng ${member}`, ...options }), (pool) =>
      pool.close(),
    );
  const probe = open(PROBE);
  // Connects now; that the database is away, others will say.
  probe.query('SELECT 1').catch(() => undefined);
  return { database: open({ poolSize }), quick: open(QUICK), probe };
}
