/** SQL of the processes of a gateway: each writes its row once a second and reads those of the others. */
import type { GateState } from '../../ledger/gate.ts';
import type { Queryable } from '../../storage/database.ts';
import type { Role } from './roles.ts';

export interface ProcessRow {
  readonly id: string;
  /** Its `gateway` setting. */
  readonly gateway: string;
  readonly roles: readonly Role[];
  readonly gate: GateState;
  readonly reason: string;
}

export interface Beat {
  /** Those that were heard of within `aliveSeconds`, and since we are here: a row that nobody renews is a ghost's. */
  readonly others: readonly ProcessRow[];
  /** The head of the ledger as this database has it. */
  readonly head: { readonly size: number; readonly root: string } | undefined;
}

/** By the database's clock alone. Rows of the long dead go with it. */
export async function beat(database: Queryable, own: ProcessRow, aliveSeconds: number): Promise<Beat> {
  await database.query(
    `WITH gone AS (DELETE FROM gateway_process WHERE seen_at < clock_timestamp() - interval '10 minutes')
     INSERT INTO gateway_process (id, gateway, roles, gate, reason) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (id) DO UPDATE SET gate = excluded.gate, reason = excluded.reason, seen_at = clock_timestamp()`,
    [own.id, own.gateway, own.roles, own.gate, own.reason],
  );
  const { rows } = await database.query<{
    others: ProcessRow[] | null;
    size: number | null;
    root: string | null;
  }>(
    `SELECT (SELECT json_agg(json_build_object('id', o.id, 'gateway', o.gateway, 'roles', o.roles, 'gate', o.gate,
         'reason', o.reason) ORDER BY o.started_at)
       FROM gateway_process o JOIN gateway_process mine ON mine.id = $1
       WHERE o.id <> mine.id AND o.seen_at > mine.started_at
         AND o.seen_at > clock_timestamp() - make_interval(secs => $2)) AS others,
       head.size, encode(head.root, 'hex') AS root
     FROM (SELECT 1) AS one LEFT JOIN ledger_head head ON head.id = 1`,
    [own.id, aliveSeconds],
  );
  const { others = null, size = null, root = null } = rows[0] ?? {};
  return { others: others ?? [], head: size === null || root === null ? undefined : { size, root } };
}

/** An orderly end: the others need not wait to find out. */
export async function leave(database: Queryable, id: string): Promise<void> {
  await database.query('DELETE FROM gateway_process WHERE id = $1', [id]);
}
