/** Judges a refusal: the code, who signed it, one ledger entry, nothing else changed, and the ledger still verifies. */
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorCode } from '../../src/core/errors.ts';
import { errorTable } from '../../src/core/error-table.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Entry } from '../../src/ledger/entry.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import type { Queryable } from '../../src/storage/database.ts';

export interface Snapshot {
  /** Row count and digest of all rows, by table. */
  readonly tables: Readonly<Record<string, string>>;
  /** Path and size of every file below the blob store. */
  readonly files: readonly string[];
  readonly ledgerSize: number;
  readonly tokenIds: number;
}

/** Every table but the ledger's own, the witness's memory, the token ids, the token buckets, how far catching up came, and the bookkeeping of migrations. */
export async function snapshot({
  database,
  config,
}: Pick<Gateway, 'database' | 'config'>): Promise<Snapshot> {
  const [tables, files, counted] = await Promise.all([
    tablesOf(database),
    filesBelow(config.blobs.dir),
    database.query<{ size: number; ids: number }>(
      'SELECT (SELECT count(*) FROM ledger_entry)::int AS size, (SELECT count(*) FROM token_id)::int AS ids',
    ),
  ]);
  const { size = 0, ids = 0 } = counted.rows[0] ?? {};
  return { tables, files, ledgerSize: size, tokenIds: ids };
}

/** Counts alone would not see an UPDATE. */
async function tablesOf(database: Queryable): Promise<Record<string, string>> {
  const { rows: names } = await database.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()
     AND tablename !~ '^(ledger_|witness_|knex_)' AND tablename NOT IN ('token_id', 'rate_bucket', 'feed_position', 'gateway_process') ORDER BY 1`,
  );
  assert.ok(names.length >= 15, 'the snapshot sees the business tables');
  const each = names.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '-') AS rows FROM "${name}" t`,
  );
  const { rows } = await database.query<{ name: string; rows: string }>(each.join(' UNION ALL '));
  return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
}

async function filesBelow(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const lines = files.map(async (path) => `${path.slice(directory.length)} ${(await stat(path)).size}`);
  return (await Promise.all(lines)).sort();
}

export function assertSameBusiness(before: Snapshot, after: Snapshot): void {
  assert.deepEqual(after.tables, before.tables, 'a refused request leaves no business row');
  assert.deepEqual(after.files, before.files, 'a refused request leaves no file');
}

export async function entriesFrom({ database }: Pick<Gateway, 'database'>, index: number): Promise<Entry[]> {
  const { rows } = await database.query<{ body: string }>(
    'SELECT body FROM ledger_entry WHERE seq >= $1 ORDER BY seq',
    [index],
  );
  return rows.map(({ body }) => JSON.parse(body) as Entry);
}

/** Exports the whole ledger and verifies it offline, by the registry alone. */
export async function assertLedgerVerifies(gateway: Gateway, directory: string): Promise<void> {
  await exportLedger(databaseSource(gateway.database), directory);
  const { body } = gateway.registry.current();
  const report = await verifyLedgers([directory], {
    ledgers: body.members.map(({ id, ledger }) => ({
      member: id,
      origin: ledger.origin,
      vkeys: [{ vkey: ledger.vkey }],
    })),
    registryDigests: new Map([[body.serial, gateway.registry.current().sha256]]),
  });
  assert.ok(report.ok, JSON.stringify(report));
}

export function assertProblem(
  answer: { readonly status: number; readonly headers: object; readonly body: Buffer },
  code: ErrorCode,
): { readonly correlationId: string } {
  const problem = JSON.parse(answer.body.toString()) as Record<string, unknown>;
  assert.equal(problem['code'], code, answer.body.toString());
  const { status, title } = errorTable[code];
  assert.deepEqual(
    [answer.status, problem['status'], problem['title'], problem['type']],
    [status, status, title, `urn:lianzheng:error:${code}`],
  );
  const known = ['type', 'title', 'status', 'code', 'detail', 'correlationId', 'facts'];
  assert.deepEqual(
    Object.keys(problem).filter((name) => !known.includes(name)),
    [],
  );
  const headers = answer.headers as Record<string, string>;
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.equal(headers['correlation-id'], problem['correlationId']);
  return { correlationId: String(problem['correlationId']) };
}
