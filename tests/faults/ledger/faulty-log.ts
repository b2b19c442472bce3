/** One log that processes die over, and what must be true of it whatever happened. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { exportLedger } from '../../../src/ledger/serving/export.ts';
import { createLedgerKey, readLedgerKey } from '../../../src/ledger/notes/note.ts';
import { databaseSource } from '../../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../../src/ledger/verify.ts';
import { openDatabase } from '../../../src/storage/database.ts';
import { provisionDatabase, type ProvisionedDatabase } from '../../../src/storage/provision-database.ts';
import type { EmbeddedPostgres } from '../../../src/storage/embedded-postgres.ts';
import { MEMBER, ORIGIN } from '../../ledger/drafts.ts';
import { Appenders, type Confirmed } from './appenders.ts';

const APPENDERS = 12;

export class FaultyLog {
  readonly url: string;
  readonly #provisioned: ProvisionedDatabase;
  readonly #privateKey = createLedgerKey(ORIGIN).privateKey;
  readonly #processes: Appenders[] = [];
  /** Checkpoints of earlier audits. */
  readonly #seen: string[] = [];

  constructor(provisioned: ProvisionedDatabase) {
    this.#provisioned = provisioned;
    this.url = provisioned.url;
  }

  static async create(cluster: Pick<EmbeddedPostgres, 'url'>): Promise<FaultyLog> {
    return new FaultyLog(await provisionDatabase(cluster as EmbeddedPostgres, `f${Date.now().toString(36)}`));
  }

  /** A process that has loaded and waits for `start`. */
  prepare(): Appenders {
    const process = new Appenders();
    this.#processes.push(process);
    return process;
  }

  /** A gateway process at work. `url` may lead through a proxy. */
  start(process = this.prepare(), url = this.url): Appenders {
    return process.begin({ url, privateKey: this.#privateKey, appenders: APPENDERS });
  }

  /** Spares the wait of three seconds where it is not what is tested; only for a holder that is dead. */
  async expireLease(): Promise<void> {
    await this.asAdministrator((db) => db.query(`UPDATE ledger_lease SET expires_at = '-infinity'`));
  }

  async asAdministrator<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.#provisioned.superuserUrl });
    await client.connect();
    return work(client).finally(() => client.end());
  }

  confirmed(): Confirmed[] {
    return this.#processes.flatMap((process) => process.confirmed);
  }

  /** What was confirmed is there, once, where it was said to be. */
  async assertKept(): Promise<void> {
    const confirmed = this.confirmed();
    const { rows } = await this.asAdministrator((db) =>
      db.query<Record<'key' | 'index' | 'leaf' | 'id', string>>(
        `SELECT encode(key, 'hex') AS key, seq AS index, encode(leaf, 'hex') AS leaf, body::json->>'id' AS id FROM ledger_entry`,
      ),
    );
    const entries = new Map(rows.map(({ key, index, leaf }) => [key, { key, index: Number(index), leaf }]));
    for (const one of confirmed) assert.deepEqual(entries.get(one.key), one, 'a confirmed entry was lost');
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'an act stands twice in the log');
  }

  /** As an auditor does it: from the public data alone, against every checkpoint that was shown before. */
  async assertSound(): Promise<void> {
    await this.assertKept();
    const directory = mkdtempSync(join(tmpdir(), 'lianzheng-faults-'));
    const database = openDatabase({ url: this.#provisioned.superuserUrl, poolSize: 2 });
    try {
      const source = databaseSource(database);
      await exportLedger(source, directory);
      const { vkey } = readLedgerKey(this.#privateKey);
      const trust = {
        ledgers: [{ member: MEMBER, origin: ORIGIN, vkeys: [{ vkey }] }],
        registryDigests: new Map(),
      };
      const report = await verifyLedgers([directory], trust, { seen: this.#seen });
      assert.equal(report.ok, true, JSON.stringify(report.ledgers));
      this.#seen.push(readFileSync(join(directory, 'checkpoint'), 'utf8'));
    } finally {
      await database.close();
      rmSync(directory, { recursive: true });
    }
  }

  async close(): Promise<void> {
    for (const process of this.#processes) {
      process.resume();
      await process.kill();
    }
  }
}
