/** Looks for what was erased in every row of a gateway's database, and lays exported ledgers side by side. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import type { Database } from '../../src/storage/database.ts';

/** Tables with a row whose text holds one of `marks`. */
export async function tracesOf(database: Database, marks: readonly string[]): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'knex%'`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    for (const mark of marks) {
      const hit = await database.query(`SELECT 1 FROM "${name}" AS r WHERE strpos(r::text, $1) > 0 LIMIT 1`, [
        mark,
      ]);
      if (hit.rows.length > 0) found.push(`${name}: ${mark}`);
    }
  }
  return found;
}

/** Every secret that a gateway keeps about its personal values, before they are erased. */
export async function secretsOf(database: Database, value: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ salt: string; lookup: string }>(
    `SELECT encode(d.salt, 'hex') AS salt, encode(coalesce(f.lookup, s.lookup), 'hex') AS lookup
       FROM feature_disclosure d
       LEFT JOIN feature f ON f.batch = d.batch AND f.position = d.position
       LEFT JOIN feature_sighting s ON s.batch = d.batch AND s.position = d.position
      WHERE d.value = $1`,
    [value],
  );
  assert.notEqual(rows.length, 0, 'the value was there');
  return [value, ...rows.flatMap(({ salt, lookup }) => [salt, lookup])];
}

/** Offline, by the registry alone: each ledger, and what each says of the others. */
export async function assertLedgersAgree(gateways: readonly Gateway[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-erasure-'));
  const directories = gateways.map(({ config }) => join(directory, config.member));
  for (const [at, { database }] of gateways.entries())
    await exportLedger(databaseSource(database), directories[at] ?? '');
  const view = gateways[0]!.registry.current();
  const report = await verifyLedgers(directories, {
    ledgers: view.body.members.map(({ id, ledger }) => ({
      member: id,
      origin: ledger.origin,
      vkeys: [{ vkey: ledger.vkey }],
    })),
    registryDigests: new Map([[view.serial, view.sha256]]),
  });
  await rm(directory, { recursive: true, force: true });
  assert.ok(report.ok, JSON.stringify(report.pairs.concat(report.ledgers as never)));
}
