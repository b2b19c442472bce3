/** One embedded cluster a test run; each suite takes a database of its own. */
import { randomBytes } from 'node:crypto';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/storage/embedded-postgres.ts';
import { provisionDatabase } from '../../src/storage/provision-database.ts';

/** Hooks and tests may load this file as two modules: the run's one cluster hangs on the global object. */
const run = globalThis as { lianzhengTestCluster?: Promise<EmbeddedPostgres> };

export interface TestDatabase {
  readonly database: Database;
  /** As the gateway's own role: no UPDATE or DELETE on ledger entries. */
  readonly url: string;
  /** As the superuser: what a hostile database administrator has. */
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  close(): Promise<void>;
}

/** The cluster of this run; mocha's root hook stops it. */
export function testCluster(): Promise<EmbeddedPostgres> {
  run.lianzhengTestCluster ??= startEmbeddedPostgres();
  return run.lianzhengTestCluster;
}

export async function stopTestCluster(): Promise<void> {
  await (await run.lianzhengTestCluster)?.stop();
}

/** A migrated database with owner and gateway roles, as an operator would make it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `t${randomBytes(6).toString('hex')}`;
  const provisioned = await provisionDatabase(await testCluster(), name);
  const database = openDatabase({ url: provisioned.url });
  return { database, ...provisioned, close: () => database.close() };
}
