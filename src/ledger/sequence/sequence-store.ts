/** SQL of the sequencer: its lease and its one transaction a batch. */
import { GatewayError } from '../../core/errors.ts';
import type { Database, Queryable } from '../../storage/database.ts';
import { column, textColumn } from '../../storage/text-columns.ts';
import type { Batch, BatchInput, Head, IntakeRow, PairTail } from './batch.ts';

/** A connection of the pool that one sequencer keeps while it leads. */
export type SequencerConnection = Parameters<Parameters<Database['connection']>[0]>[0];

/** Long enough to outlive a pause of the process, short enough for a take-over within a waiter's patience. */
const LEASE_SECONDS = 3;

/**
 * Takes the lease when it is free, expired or ours, under a new epoch. Expiry is by the database's clock. It only
 * spares the processes from contending: what fences is the epoch, read under the head's lock.
 */
export async function takeLease(database: Queryable, holder: string): Promise<number | undefined> {
  const { rows } = await database.query<{ epoch: number }>(
    `UPDATE ledger_lease
     SET holder = $1, epoch = epoch + 1, expires_at = clock_timestamp() + make_interval(secs => $2)
     WHERE id = 1 AND (expires_at < clock_timestamp() OR holder = $1) RETURNING epoch`,
    [holder, LEASE_SECONDS],
  );
  return rows[0]?.epoch;
}

export async function renewLease(client: SequencerConnection, epoch: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE ledger_lease SET expires_at = clock_timestamp() + make_interval(secs => $2)
     WHERE id = 1 AND epoch = $1`,
    [epoch, LEASE_SECONDS],
  );
  return rowCount === 1;
}

export async function releaseLease(client: SequencerConnection, epoch: number): Promise<void> {
  await client.query(`UPDATE ledger_lease SET expires_at = '-infinity' WHERE id = 1 AND epoch = $1`, [epoch]);
}

/** Cheap look without a lock, for an idle sequencer. */
export async function hasIntake(client: SequencerConnection): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM ledger_intake) AS found',
  );
  return rows[0]?.found === true;
}

/**
 * Opens the batch's transaction in one round trip. Each statement takes its own READ COMMITTED snapshot, and the
 * head's lock comes first and alone: everything after it sees what the batch before committed. Locking the tail
 * while reading it, or reading it under REPEATABLE READ, forks the log silently.
 * The lease's row lock keeps a take-over waiting until this batch has ended; a process that stops in its middle loses
 * the session with the lease, or its locks would keep every other one waiting as long as it sleeps.
 */
export async function openBatch(
  client: SequencerConnection,
  epoch: number,
  limit: number,
): Promise<BatchInput> {
  const results = (await client.query(`
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL synchronous_commit TO on;
    SET LOCAL idle_in_transaction_session_timeout TO '${LEASE_SECONDS}s';
    SELECT size, root, frontier, last_leaf AS "lastLeaf", sm3_frontier AS "sm3Frontier" FROM ledger_head WHERE id = 1 FOR UPDATE;
    SELECT epoch FROM ledger_lease WHERE id = 1 FOR SHARE;
    SELECT peer, dir, n, leaf FROM ledger_pair;
    SELECT id, key, draft, (SELECT e.seq FROM ledger_entry e WHERE e.key = i.key) IS NOT NULL AS known
    FROM ledger_intake i ORDER BY id LIMIT ${limit}`)) as unknown as { rows: unknown[] }[];
  const [, , , heads, leases, pairs, rows] = results.map((result) => result.rows);
  const head = heads?.[0] as Head | undefined;
  const lease = leases?.[0] as { epoch: number } | undefined;
  if (head === undefined || lease?.epoch !== epoch) {
    throw new GatewayError('ledger.epoch-lost', `lease has epoch ${lease?.epoch}, this sequencer ${epoch}`);
  }
  return { head, pairs: pairs as PairTail[], rows: rows as IntakeRow[] };
}

const WRITE_BATCH = `
  WITH entries AS (
    INSERT INTO ledger_entry (seq, key, leaf, body, checkpoint_size)
    SELECT $1::bigint + place - 1, decode(key, 'hex'), decode(leaf, 'hex'), body, $2::bigint
    FROM unnest(${textColumn(3)}, ${textColumn(4)}, ${textColumn(5)}) WITH ORDINALITY AS entry (key, leaf, body, place)
  ), nodes AS (
    INSERT INTO ledger_node (level, index, hash)
    SELECT level, index, decode(hash, 'hex')
    FROM unnest($6::smallint[], $7::bigint[], ${textColumn(8)}) AS node (level, index, hash)
  ), checkpoints AS (
    INSERT INTO ledger_checkpoint (size, root, note, made_at) VALUES ($2::bigint, $9, $10, $11)
  ), pairs AS (
    INSERT INTO ledger_pair (peer, dir, n, leaf)
    SELECT * FROM unnest($12::text[], $13::text[], $14::bigint[], $15::bytea[])
    ON CONFLICT (peer, dir) DO UPDATE SET n = excluded.n, leaf = excluded.leaf
  ), taken AS (
    DELETE FROM ledger_intake WHERE id = ANY ($16::bigint[])
  ), moved AS (
    UPDATE ledger_head SET size = $2::bigint, root = $9, frontier = $17, last_leaf = $18,
      sm3_size = $2::bigint, sm3_frontier = $19
    WHERE id = 1 AND size = $1::bigint RETURNING size
  )
  SELECT 1 / (SELECT count(*) FROM moved) AS moved`;
const DIVISION_BY_ZERO = '22012';

/**
 * The whole batch in one statement and the commit behind it in one round trip. The head moves by compare-and-swap; a
 * head that did not move fails the statement, so that COMMIT rolls back.
 */
export async function commitBatch(client: SequencerConnection, batch: Batch, madeAt: Date): Promise<void> {
  const inner = batch.nodes.filter((node) => node.level > 0);
  const written = client.query({
    name: 'ledger_write_batch',
    text: WRITE_BATCH,
    values: [
      batch.start,
      batch.head.size,
      column(batch.entries, ({ key }) => key.toString('hex')),
      column(batch.entries, ({ leaf }) => leaf.toString('hex')),
      column(batch.entries, ({ body }) => body),
      inner.map((node) => node.level),
      inner.map((node) => node.index),
      column(inner, ({ hash }) => hash.toString('hex')),
      batch.head.root,
      batch.checkpoint,
      madeAt,
      batch.pairs.map((pair) => pair.peer),
      batch.pairs.map((pair) => pair.dir),
      batch.pairs.map((pair) => pair.n),
      batch.pairs.map((pair) => pair.leaf),
      batch.taken,
      batch.head.frontier,
      batch.head.lastLeaf,
      batch.head.sm3Frontier,
    ],
  });
  written.catch(() => undefined);
  const committed = commit(client);
  committed.catch(() => undefined);
  try {
    await written;
  } catch (error) {
    if ((error as { code?: string }).code !== DIVISION_BY_ZERO) throw error;
    throw new GatewayError('ledger.epoch-lost', 'the head moved under its lock', { cause: error });
  }
  await committed;
}

/** PostgreSQL answers ROLLBACK, without an error, when a statement of the transaction had failed. */
export async function commit(client: SequencerConnection): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new GatewayError('storage.unavailable', 'the batch was rolled back');
}

/** For rows whose keys are in the log already. */
export async function dropIntake(client: SequencerConnection, ids: readonly number[]): Promise<void> {
  await client.query('DELETE FROM ledger_intake WHERE id = ANY ($1::bigint[])', [ids]);
}
