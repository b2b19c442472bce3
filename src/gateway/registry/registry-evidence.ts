/** Evidence against the registry, for the CLI: in the database of the configured gateway. */
import type { RegistryResolution } from '../../cli/hooks.ts';
import { readConfig } from '../../config.ts';
import { systemClock } from '../../core/clock.ts';
import {
  listEvidence,
  resolveEvidence,
  takeTheirs,
  type KeptEvidence,
} from '../../federation/registry/keeping/registry-store.ts';
import { openDatabase, type Database } from '../../storage/database.ts';

export function registryEvidence(configPath: string): Promise<readonly KeptEvidence[]> {
  return inDatabase(configPath, (database) => listEvidence(database));
}

export function resolveRegistry(
  configPath: string,
  { id, reason, takeTheirs: take }: RegistryResolution,
): Promise<boolean> {
  const resolved = { at: systemClock(), resolution: reason };
  return inDatabase(configPath, (database) =>
    database.transaction(
      (tx) => (take ? takeTheirs(tx, { id, ...resolved }) : resolveEvidence(tx, id, resolved)),
      { durable: true },
    ),
  );
}

async function inDatabase<T>(configPath: string, work: (database: Database) => Promise<T>): Promise<T> {
  const { database } = readConfig(configPath);
  const open = openDatabase({ url: database.url, poolSize: 4, applicationName: 'lianzheng registry' });
  try {
    return await work(open);
  } finally {
    await open.close();
  }
}
