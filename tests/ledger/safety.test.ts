import assert from 'node:assert/strict';
import pg from 'pg';
import { openLedger } from '../../src/ledger/ledger.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';
import { ledgerKey, MEMBER, ORIGIN } from './drafts.ts';

describe('opening a ledger', () => {
  const key = ledgerKey(ORIGIN);
  let world: TestDatabase;

  beforeEach(async () => {
    world = await createTestDatabase();
  });
  afterEach(() => world.close());

  async function open(url: string, log: { origin?: string; key?: typeof key } = {}): Promise<void> {
    const database = openDatabase({ url, poolSize: 4 });
    try {
      const options = { database, member: MEMBER, origin: ORIGIN, key, clock: () => new Date(), ...log };
      await (await openLedger(options)).close();
    } finally {
      await database.close();
    }
  }

  async function asAdministrator(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: world.superuserUrl });
    await client.connect();
    await client.query(statement);
    await client.end();
  }

  it('refuses a role that may rewrite entries', async () => {
    await assert.rejects(open(world.superuserUrl), { code: 'ledger.unsafe-database' });
    await assert.rejects(open(world.ownerUrl), { code: 'ledger.unsafe-database' });
    await open(world.url);
    const role = new URL(world.url).username;
    await asAdministrator(`GRANT UPDATE (body) ON ledger_entry TO ${role}`);
    await assert.rejects(open(world.url), { code: 'ledger.unsafe-database', message: /ledger_entry/ });
  });

  it('refuses a database that confirms before it is durable', async () => {
    const name = new URL(world.url).pathname.slice(1);
    await asAdministrator(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    await assert.rejects(open(world.url), { code: 'ledger.unsafe-database', message: /synchronous_commit/ });
  });

  it('refuses another log, another key and a head that was altered', async () => {
    await open(world.url);
    await open(world.url);
    const other = 'other.example/ledger';
    await assert.rejects(open(world.url, { origin: other, key: ledgerKey(other) }), {
      code: 'config.invalid',
    });
    await assert.rejects(open(world.url, { origin: other }), { code: 'config.invalid' });
    await assert.rejects(open(world.url, { key: ledgerKey(ORIGIN) }), { code: 'ledger.proof-invalid' });
    await asAdministrator(`UPDATE ledger_head SET root = decode(repeat('ab', 32), 'hex')`);
    await assert.rejects(open(world.url), { code: 'ledger.proof-invalid' });
  });
});
