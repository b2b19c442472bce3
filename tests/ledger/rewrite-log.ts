/** What an administrator can do who also holds the log's key: take entries out or write all of them anew, with every table made consistent. */
import type pg from 'pg';
import type { EntryDraft } from '../../src/ledger/entry.ts';
import type { LedgerKey } from '../../src/ledger/notes/note.ts';
import { buildBatch, EMPTY_HEAD } from '../../src/ledger/sequence/batch.ts';
import { Frontier } from '../../src/ledger/tree/merkle.ts';
import { Sm3Tree, sm3LeafHash } from '../../src/ledger/tree/sm3-tree.ts';

interface Row {
  readonly seq: string;
  readonly key: Buffer;
  readonly leaf: Buffer;
  readonly body: string;
}

/** Ends the log at an earlier checkpoint of its own; needs no key. */
export async function cutTail(client: pg.Client, size: number): Promise<void> {
  const { rows } = await client.query<Row>(
    'SELECT seq, key, leaf, body FROM ledger_entry WHERE seq < $1 ORDER BY seq',
    [size],
  );
  const frontier = new Frontier();
  const sm3 = new Sm3Tree();
  for (const { leaf, body } of rows) {
    frontier.append(leaf);
    sm3.append(sm3LeafHash(body));
  }
  await client.query('BEGIN');
  await client.query('DELETE FROM ledger_entry WHERE seq >= $1', [size]);
  await client.query('DELETE FROM ledger_checkpoint WHERE size > $1', [size]);
  await client.query('DELETE FROM ledger_node WHERE (index + 1) * (1::bigint << level) > $1', [size]);
  await client.query(
    'UPDATE ledger_head SET size = $1, root = $2, frontier = $3, last_leaf = $4, sm3_frontier = $5, sm3_size = $1',
    [size, frontier.root(), frontier.bytes(), rows.at(-1)?.leaf, sm3.frontier()],
  );
  await client.query('DELETE FROM ledger_pair');
  await client.query(
    `INSERT INTO ledger_pair (peer, dir, n, leaf)
     SELECT DISTINCT ON (p->>'peer', p->>'dir') p->>'peer', p->>'dir', (p->>'n')::bigint, leaf
     FROM (SELECT seq, leaf, body::json->'pair' AS p FROM ledger_entry) AS e
     WHERE p IS NOT NULL ORDER BY p->>'peer', p->>'dir', seq DESC`,
  );
  await client.query('COMMIT');
}

/** Hashes, chains and signs everything again, with `edit` applied to each act. */
export async function rewriteLog(
  client: pg.Client,
  log: { readonly origin: string; readonly key: LedgerKey },
  edit: (draft: EntryDraft, index: number) => EntryDraft,
): Promise<void> {
  const { rows } = await client.query<Row>('SELECT seq, key, leaf, body FROM ledger_entry ORDER BY seq');
  const drafts = rows.map(({ key, body }, id) => {
    const draft = JSON.stringify(edit(JSON.parse(body) as EntryDraft, id));
    return { id, key, draft, known: false };
  });
  const batch = buildBatch({ head: EMPTY_HEAD, pairs: [], rows: drafts }, log, (_row, error) => {
    throw error;
  });
  await client.query('BEGIN');
  await client.query('DELETE FROM ledger_entry; DELETE FROM ledger_node; DELETE FROM ledger_pair');
  await client.query('DELETE FROM ledger_checkpoint WHERE size > 0');
  const { size, root, frontier, lastLeaf, sm3Frontier } = batch.head;
  for (const [i, { key, leaf, body }] of batch.entries.entries()) {
    await client.query('INSERT INTO ledger_entry VALUES ($1, $2, $3, $4, $5)', [i, key, leaf, body, size]);
  }
  for (const { level, index, hash } of batch.nodes.filter((node) => node.level > 0)) {
    await client.query('INSERT INTO ledger_node VALUES ($1, $2, $3)', [level, index, hash]);
  }
  for (const { peer, dir, n, leaf } of batch.pairs) {
    await client.query('INSERT INTO ledger_pair VALUES ($1, $2, $3, $4)', [peer, dir, n, leaf]);
  }
  await client.query('INSERT INTO ledger_checkpoint VALUES ($1, $2, $3, now())', [
    size,
    root,
    batch.checkpoint,
  ]);
  await client.query(
    'UPDATE ledger_head SET size = $1, root = $2, frontier = $3, last_leaf = $4, sm3_frontier = $5, sm3_size = $1',
    [size, root, frontier, lastLeaf, sm3Frontier],
  );
  await client.query('COMMIT');
}
