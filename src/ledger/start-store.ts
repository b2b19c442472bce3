/** SQL of starting: is this database safe for a ledger, and which log does it hold. */
import type { Database, Queryable } from '../storage/database.ts';
import type { Head } from './sequence/batch.ts';

export interface Safety {
  readonly settings: Readonly<Record<string, string>>;
  /** Tables of the log that this role may rewrite. */
  readonly rewritable: readonly string[];
}

const APPEND_ONLY = ['ledger_entry', 'ledger_checkpoint', 'ledger_node'];

export async function readSafety(database: Queryable): Promise<Safety> {
  const settings = await database.query<{ name: string; setting: string }>(
    `SELECT name, current_setting(name) AS setting
     FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name`,
  );
  const tables = await database.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name
     WHERE has_any_column_privilege(name, 'UPDATE') OR has_table_privilege(name, 'DELETE')
       OR has_table_privilege(name, 'TRUNCATE')`,
    [APPEND_ONLY],
  );
  return {
    settings: Object.fromEntries(settings.rows.map((row) => [row.name, row.setting])),
    rewritable: tables.rows.map((row) => row.name),
  };
}

export interface LogStart {
  readonly origin: string;
  readonly root: Buffer;
  readonly note: string;
  readonly madeAt: Date;
}

/** Writes the empty log where there is none; another process may do the same at the same time. */
export async function createLog(database: Database, start: LogStart): Promise<void> {
  await database.transaction(
    async (tx) => {
      const { rowCount } = await tx.query(
        `INSERT INTO ledger_head (id, origin, size, root, frontier, last_leaf, sm3_size, sm3_frontier)
         VALUES (1, $1, 0, $2, '', decode(repeat('00', 32), 'hex'), 0, '') ON CONFLICT DO NOTHING`,
        [start.origin, start.root],
      );
      if (rowCount !== 1) return;
      await tx.query('INSERT INTO ledger_checkpoint (size, root, note, made_at) VALUES (0, $1, $2, $3)', [
        start.root,
        start.note,
        start.madeAt,
      ]);
      await tx.query(
        `INSERT INTO ledger_lease (id, epoch, holder, expires_at) VALUES (1, 0, '', '-infinity')`,
      );
    },
    { durable: true },
  );
}

export interface StoredHead extends Head {
  readonly origin: string;
  readonly sm3Size: number;
  /** Checkpoint of the head's size. */
  readonly note: string | null;
}

export async function readHead(database: Queryable): Promise<StoredHead | undefined> {
  const { rows } = await database.query<StoredHead>(
    `SELECT h.origin, h.size, h.root, h.frontier, h.last_leaf AS "lastLeaf", h.sm3_size AS "sm3Size", h.sm3_frontier AS "sm3Frontier", c.note
     FROM ledger_head h LEFT JOIN ledger_checkpoint c ON c.size = h.size AND c.root = h.root`,
  );
  return rows[0];
}
