/** The database: there, migrated, safe for a ledger, and its clock. */
import type { GatewayConfig } from '../config.ts';
import { assertSafeDatabase } from '../ledger/start.ts';
import { openDatabase, type Database } from '../storage/database.ts';
import { readHealth, type DatabaseHealth } from '../storage/health-store.ts';
import { migrationNames } from '../storage/migrate.ts';
import { adoptedRegistries } from '../federation/registry/keeping/registry-store.ts';
import { examined, fail, ok, warn, type Finding } from './finding.ts';

const WARN_SKEW_MS = 2000;
const MAX_SKEW_MS = 10_000;

export async function examineDatabase(
  { database: { url } }: GatewayConfig,
  serial: number | undefined,
): Promise<readonly Finding[]> {
  const database = openDatabase({ url, poolSize: 2, applicationName: 'lianzheng doctor' });
  try {
    return await examined('database', 'start it, and check database.url', () => look(database, serial));
  } finally {
    await database.close();
  }
}

async function look(database: Database, serial: number | undefined): Promise<readonly Finding[]> {
  const asked = Date.now();
  const health = await readHealth(database);
  const skew = health.now.getTime() - (asked + Date.now()) / 2;
  const found = [
    ok('database', `PostgreSQL ${health.version} answers`),
    clockFinding(skew),
    roleFinding(health),
  ];
  const { migrations } = health;
  const missing = migrationNames().filter((name) => migrations?.includes(name) !== true);
  if (missing.length > 0)
    return [...found, fail('migrations', `missing: ${missing.join(' ')}`, 'lianzheng migrate --config F')];
  return [
    ...found,
    ok('migrations', `${migrations?.at(-1) ?? ''} is the newest`),
    ...(await examined('ledger', 'see docs/operations.md, section 2', async () => {
      await assertSafeDatabase(database);
      return [
        ok('ledger', 'fsync, full_page_writes and synchronous_commit are on, entries cannot be rewritten'),
      ];
    })),
    ...(await examined('adoption', 'lianzheng migrate --config F', () => adoption(database, serial))),
  ];
}

function clockFinding(skewMs: number): Finding {
  const message = `${(Math.abs(skewMs) / 1000).toFixed(1)} s between this machine and the database`;
  const remedy = 'keep both by NTP: peers refuse tokens that are 10 s off';
  if (Math.abs(skewMs) > MAX_SKEW_MS) return fail('clock', message, remedy);
  return Math.abs(skewMs) > WARN_SKEW_MS ? warn('clock', message, remedy) : ok('clock', message);
}

function roleFinding({ superuser }: DatabaseHealth): Finding {
  if (!superuser) return ok('role', 'database.url is no superuser');
  return fail(
    'role',
    'database.url is a superuser: it could rewrite the ledger',
    'connect as the gateway role of docs/operations.md, section 2',
  );
}

/** A directory that was set back shows here; one that is ahead is adopted within seconds by a running gateway. */
async function adoption(database: Database, serial: number | undefined): Promise<readonly Finding[]> {
  const adopted = (await adoptedRegistries(database)).at(-1)?.serial;
  if (adopted === undefined) return [ok('adoption', 'no registry adopted yet')];
  if (serial === undefined || serial === adopted) return [ok('adoption', `registry ${adopted} is adopted`)];
  const message = `the database has adopted registry ${adopted}, registry.dir holds ${serial}`;
  if (serial < adopted)
    return [fail('adoption', message, 'bring the newest registries to registry.dir; call the operators')];
  return [warn('adoption', message, 'start the gateway, or read its log for registry.*')];
}
