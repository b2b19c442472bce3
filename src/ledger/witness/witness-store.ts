/** SQL of the witness: the latest checkpoint it cosigned of each log, and what it keeps of logs that forked. */
import type { Database, Queryable } from '../../storage/database.ts';

export interface WitnessedLog {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** The log's note with our cosignature. */
  readonly note: string;
}

/** The row stays locked until the transaction ends; a log we never saw has size 0 and holds the lock likewise. */
export async function lockWitnessed(tx: Queryable, origin: string): Promise<WitnessedLog> {
  await tx.query(
    `INSERT INTO witness_log (origin, size, root, note) VALUES ($1, 0, ''::bytea, '') ON CONFLICT DO NOTHING`,
    [origin],
  );
  const { rows } = await tx.query<WitnessedLog>(
    'SELECT origin, size, root, note FROM witness_log WHERE origin = $1 FOR UPDATE',
    [origin],
  );
  return rows[0] as WitnessedLog;
}

export async function updateWitnessed(tx: Queryable, log: WitnessedLog, at: Date): Promise<void> {
  await tx.query(
    'UPDATE witness_log SET size = $2, root = $3, note = $4, cosigned_at = $5 WHERE origin = $1',
    [log.origin, log.size, log.root, log.note, at],
  );
}

/** The note that was cosigned last of the log with this SHA-256 of its origin, hex. */
export async function readWitnessedNote(
  database: Queryable,
  originSha256: string,
): Promise<string | undefined> {
  const { rows } = await database.query<{ note: string }>(
    `SELECT note FROM witness_log
     WHERE encode(sha256(convert_to(origin, 'UTF8')), 'hex') = $1 AND note <> ''`,
    [originSha256],
  );
  return rows[0]?.note;
}

/** Logs that were cosigned at least once. */
export async function readWitnessedSizes(
  database: Queryable,
): Promise<readonly Pick<WitnessedLog, 'origin' | 'size'>[]> {
  const { rows } = await database.query<{ origin: string; size: number }>(
    `SELECT origin, size FROM witness_log WHERE note <> '' ORDER BY origin`,
  );
  return rows;
}

export interface ForkEvidence {
  readonly origin: string;
  /** Two signed notes that cannot both be true of one log. */
  readonly known: string;
  readonly shown: string;
  readonly foundAt: Date;
}

/** One pair of notes convicts a log; a log that signs new roots without end shall not fill our disk. */
const KEPT_FORKS = 16;

/** Returns false when this evidence, or enough of this log, is kept already. */
export async function insertFork(
  tx: Queryable,
  { origin, known, shown, foundAt }: ForkEvidence,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO ledger_fork (origin, known, shown, found_at)
     SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM ledger_fork WHERE origin = $1) < $5
     ON CONFLICT DO NOTHING`,
    [origin, known, shown, foundAt, KEPT_FORKS],
  );
  return rowCount === 1;
}

export async function readForks(database: Database): Promise<readonly ForkEvidence[]> {
  const { rows } = await database.query<ForkEvidence>(
    'SELECT origin, known, shown, found_at AS "foundAt" FROM ledger_fork ORDER BY id',
  );
  return rows;
}
