/** One embedded cluster a test run; each suite takes a database of its own. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openDatabase, type Database } from '../../src/storage/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/storage/embedded-postgres.ts';
import { migrate } from '../../src/storage/migrate.ts';

let cluster: Promise<EmbeddedPostgres> | undefined;

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
  cluster ??= startEmbeddedPostgres();
  return cluster;
}

export async function stopTestCluster(): Promise<void> {
  await (await cluster)?.stop();
}

/** A migrated database with owner and gateway roles, as an operator would make it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await testCluster();
  const name = `t${randomBytes(6).toString('hex')}`;
  const owner = { name: `${name}_owner`, password: 'owner' };
  const role = { name: `${name}_app`, password: 'app' };
  await asSuperuser(server.url(), [
    `CREATE ROLE ${owner.name} LOGIN PASSWORD 'owner'`,
    `CREATE ROLE ${role.name} LOGIN PASSWORD 'app'`,
    `CREATE DATABASE ${name} OWNER ${owner.name}`,
  ]);
  await migrate(server.url(name, owner), role.name);
  const database = openDatabase({ url: server.url(name, role) });
  return {
    database,
    url: server.url(name, role),
    ownerUrl: server.url(name, owner),
    superuserUrl: server.url(name),
    close: () => database.close(),
  };
}

async function asSuperuser(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
