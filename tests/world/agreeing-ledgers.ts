/** Exported ledgers of running gateways, laid side by side as an auditor does. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers, type LedgerReport } from '../../src/ledger/verify.ts';

/** Offline, by the registry alone: each ledger, and what each says of the others. */
export async function assertLedgersAgree(gateways: readonly Gateway[]): Promise<LedgerReport> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-audit-'));
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
  return report;
}
