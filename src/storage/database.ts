/** PostgreSQL pool and transactions; statements with constant text are prepared once per connection. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { GatewayError } from '../core/errors.ts';
import { gatheringSocket } from './gathering-socket.ts';
import { unavailableOr } from './unavailable.ts';

export interface Rows<R> {
  readonly rows: R[];
  readonly rowCount: number | null;
}

/** Runs one statement. `bigint` columns come back as numbers; above 2^53−1 they throw. */
export interface Queryable {
  query<R>(text: string, values?: readonly unknown[]): Promise<Rows<R>>;
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface Transaction extends Queryable {
  /** Issues a statement that travels with COMMIT. When it fails nothing is committed and its error is thrown. */
  last(statement: Statement): void;
}

export interface TransactionOptions {
  /**
   * true: COMMIT returns after the WAL is on disk, whatever the pool, role or server have set since. Default false: the caller answers nobody until the
   * ledger entry of this work is sequenced, and that commit carries the WAL of this one with it.
   */
  readonly durable?: boolean;
}

export interface Database extends Queryable {
  /** READ COMMITTED transaction; rolls back and rethrows when `work` throws. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** A connection of its own for the life of `work` (LISTEN, leases, COPY). `cut` ends it: what waits for an answer on it fails. */
  connection<T>(work: (client: pg.PoolClient, cut: () => void) => Promise<T>): Promise<T>;
  /** Connections of the pool, and callers that wait for one. */
  usage(): PoolUsage;
  /** Waits for running work, then closes all connections. */
  close(): Promise<void>;
}

export interface PoolUsage {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize?: number;
  readonly applicationName?: string;
  /** 'off': every statement of this pool, in a transaction or alone, returns before its WAL is on disk. */
  readonly synchronousCommit?: 'off';
  /** Milliseconds for a connection and for a statement; default 10 and 60 seconds. */
  readonly answerWithinMs?: number;
}

const INT8 = 20;
const STATEMENT_MS = 60_000;
/** A server that vanished, or is cut off, keeps no statement time-out and sends no end: so long after it, nothing comes any more. */
const LATE_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;
/** The pg client's own socket, which its types leave out. */
interface Wired {
  readonly connection: { readonly stream: { destroy(): void } };
}

const statementNames = new Map<string, string>();

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 16,
    application_name: options.applicationName ?? 'lianzheng',
    connectionTimeoutMillis: options.answerWithinMs ?? 10_000,
    statement_timeout: options.answerWithinMs ?? STATEMENT_MS,
    query_timeout: options.answerWithinMs ?? STATEMENT_MS + LATE_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    // Its connections stay: when PostgreSQL has none left to give, these are held already.
    ...(options.answerWithinMs === undefined ? {} : { idleTimeoutMillis: 0 }),
    ...(options.synchronousCommit === 'off' ? { options: '-c synchronous_commit=off' } : {}),
    types: { getTypeParser: typeParser },
    // Statements that don't wait for each other share a round trip.
    pipeline: true,
    stream: gatheringSocket,
  });
  // An unheard error event ends the process. The pool listens while a connection is idle, and a moment later nobody
  // would: an error can come with the very bytes that made it ready. Its statements fail with the cause anyway.
  pool.on('connect', (client) => client.on('error', () => undefined));
  // An idle connection that breaks is replaced by the pool.
  pool.on('error', () => undefined);
  return {
    query: async (text, values) => run(pool, text, values),
    transaction: (work, settings = {}) => transaction(pool, work, settings),
    connection: async (work) => {
      const client = await pool.connect().catch(rethrowUnavailable);
      let isCut = false;
      const cut = (): void => {
        isCut = true;
        (client as pg.PoolClient & Wired).connection.stream.destroy();
      };
      try {
        return await work(client, cut);
      } finally {
        client.release(isCut);
      }
    },
    usage: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  };
}

async function transaction<T>(
  pool: pg.Pool,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const client = await pool.connect().catch(rethrowUnavailable);
  let broken: Error | undefined;
  try {
    const issued: Promise<unknown>[] = [];
    const issue = (statement: Promise<unknown>): void => {
      statement.catch(() => undefined);
      issued.push(statement);
    };
    // BEGIN travels with the first statement of `work`.
    issue(
      client.query(
        options.durable === true
          ? 'BEGIN; SET LOCAL synchronous_commit TO ON'
          : 'BEGIN; SET LOCAL synchronous_commit TO OFF',
      ),
    );
    const result = await work({
      query: (text, values) => run(client, text, values),
      last: ({ text, values }) => issue(run(client, text, values)),
    });
    const commit = client.query('COMMIT');
    commit.catch(() => undefined);
    await Promise.all(issued);
    const { command } = await commit;
    // PostgreSQL answers ROLLBACK, without an error, when a statement had failed and `work` went on.
    if (command !== 'COMMIT')
      throw new GatewayError('storage.unavailable', 'the transaction was rolled back');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((lost: unknown) => {
      broken = lost instanceof Error ? lost : new Error('connection lost');
    });
    throw unavailableOr(error);
  } finally {
    client.release(broken);
  }
}

/** Statements of a connection that its caller has checked out. */
export function queryableOf(client: pg.PoolClient): Queryable {
  return { query: (text, values) => run(client, text, values) };
}

async function run<R>(
  target: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[] = [],
): Promise<Rows<R>> {
  const statement = { name: statementName(text), text, values: [...values] };
  const result = await target.query(statement).catch(rethrowUnavailable);
  return { rows: result.rows as R[], rowCount: result.rowCount };
}

function rethrowUnavailable(error: unknown): never {
  throw unavailableOr(error);
}

function statementName(text: string): string {
  const known = statementNames.get(text);
  if (known !== undefined) return known;
  const name = `lz_${createHash('sha256').update(text).digest('base64url').slice(0, 24)}`;
  statementNames.set(text, name);
  return name;
}

function typeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8) return safeInteger;
  const known = pg.types.getTypeParser as (oid: number, format?: string) => (text: string) => unknown;
  return known(oid, format);
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new GatewayError('internal', `bigint ${text} is beyond 2^53-1`);
  return value;
}
