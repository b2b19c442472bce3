/** An auditor's view of the world: every ledger exported, verified whole and laid beside the others. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportLedger } from '../../../src/ledger/serving/export.ts';
import { databaseSource } from '../../../src/ledger/serving/source.ts';
import { verifyLedgers, type LedgerTrust } from '../../../src/ledger/verify.ts';
import { openDatabase } from '../../../src/storage/database.ts';
import type { FaultWorld } from './fault-world.ts';
import { MEMBERS, type Member } from './found-world.ts';

/** Checkpoints of earlier audits of the same world: no log may ever contradict one that it showed. */
const shown = new WeakMap<FaultWorld, string[]>();

/** Every statement of one about another is confirmed by the other; nothing stays open in a quiet world. */
export async function assertLedgersAgree(world: FaultWorld): Promise<void> {
  const directories: string[] = [];
  for (const member of MEMBERS) directories.push(await exported(world, member));
  const seen = shown.get(world) ?? [];
  const report = await verifyLedgers(directories, trustOf(world), { seen, threads: 1 });
  assert.ok(report.ok, JSON.stringify({ ledgers: report.ledgers, pairs: report.pairs }));
  const open = report.pairs.filter((pair) => pair.open > 0);
  assert.deepEqual(open, [], 'a statement of one ledger is not confirmed by the other');
  shown.set(world, [
    ...seen,
    ...directories.map((directory) => readFileSync(join(directory, 'checkpoint'), 'utf8')),
  ]);
}

async function exported(world: FaultWorld, member: Member): Promise<string> {
  const directory = mkdtempSync(join(world.directory, `ledger-${member}-`));
  const database = openDatabase({ url: world.place(member).superuserUrl, poolSize: 2 });
  try {
    await exportLedger(databaseSource(database), directory);
  } finally {
    await database.close();
  }
  return directory;
}

function trustOf({ alliance }: FaultWorld): LedgerTrust {
  const { body, sha256 } = alliance.registry;
  const ledgers = body.members.map(({ id, ledger }) => ({
    member: id,
    origin: ledger.origin,
    vkeys: [{ vkey: ledger.vkey }],
  }));
  return { ledgers, registryDigests: new Map([[body.serial, sha256]]) };
}
