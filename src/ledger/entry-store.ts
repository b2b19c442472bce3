/** SQL of readers and appenders: intake, entries with their batch's checkpoint, tree nodes. */
import type { Queryable, Statement } from '../storage/database.ts';
import { column, textColumn } from '../storage/text-columns.ts';
import type { Subtree } from './tree/merkle.ts';
import { subtreeName, type StoredEntry } from './sequence/settled.ts';

export interface IntakeRow {
  readonly key: Buffer;
  /** JSON. */
  readonly draft: string;
}

/** The statement that adds the rows; the log keeps their order. A key that waits already adds nothing. */
export function intakeRows(rows: readonly IntakeRow[]): Statement {
  const [only] = rows;
  // Most acts are one entry: a plain row spares the arrays and the sort.
  if (only !== undefined && rows.length === 1) {
    return {
      text: 'INSERT INTO ledger_intake (key, draft) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING',
      values: [only.key, only.draft],
    };
  }
  return {
    text: `INSERT INTO ledger_intake (key, draft)
     SELECT key, draft FROM unnest($1::bytea[], ${textColumn(2)}) WITH ORDINALITY AS r (key, draft, at) ORDER BY at
     ON CONFLICT (key) DO NOTHING`,
    values: [rows.map(({ key }) => key), column(rows, ({ draft }) => draft)],
  };
}

export async function readEntryByKey(database: Queryable, key: Buffer): Promise<StoredEntry | undefined> {
  const { rows } = await database.query<StoredEntry>(
    `SELECT e.key, h.origin, e.seq AS index, e.leaf, e.body, c.size, c.root, c.note AS checkpoint
     FROM ledger_entry e JOIN ledger_checkpoint c ON c.size = e.checkpoint_size, ledger_head h
     WHERE e.key = $1`,
    [key],
  );
  return rows[0];
}

export async function durableKeys(database: Queryable, keys: readonly Buffer[]): Promise<Buffer[]> {
  const { rows } = await database.query<{ key: Buffer }>(
    'SELECT key FROM ledger_entry WHERE key = ANY ($1::bytea[])',
    [keys],
  );
  return rows.map((row) => row.key);
}

/** Hashes by subtreeName. */
export async function readNodes(
  database: Queryable,
  subtrees: readonly Subtree[],
): Promise<Map<string, Buffer>> {
  const { rows } = await database.query<{ level: number; index: number; hash: Buffer }>(
    `SELECT asked.level, asked.index, CASE WHEN asked.level = 0
       THEN (SELECT e.leaf FROM ledger_entry e WHERE e.seq = asked.index)
       ELSE (SELECT n.hash FROM ledger_node n WHERE n.level = asked.level AND n.index = asked.index) END AS hash
     FROM unnest($1::smallint[], $2::bigint[]) AS asked (level, index)`,
    [subtrees.map((subtree) => subtree.level), subtrees.map((subtree) => subtree.index)],
  );
  return new Map(rows.filter((row) => row.hash !== null).map((row) => [subtreeName(row), row.hash]));
}

export async function readLatest(
  database: Queryable,
): Promise<{ size: number; root: Buffer; note: string } | undefined> {
  const { rows } = await database.query<{ size: number; root: Buffer; note: string }>(
    'SELECT size, root, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1',
  );
  return rows[0];
}

/** The idempotency key of the entry at `index`, for `Ledger.find`. */
export async function readKeyAt(database: Queryable, index: number): Promise<Buffer | undefined> {
  const { rows } = await database.query<{ key: Buffer }>('SELECT key FROM ledger_entry WHERE seq = $1', [
    index,
  ]);
  return rows[0]?.key;
}
