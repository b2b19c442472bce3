/** One member's database, ledger and registry keeper over a directory of signed documents. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { signFreshness } from '../../src/federation/registry/freshness.ts';
import type { RegistryDocument } from '../../src/federation/registry/registry-document.ts';
import { openRegistryKeeper, type RegistryKeeper } from '../../src/federation/registry/registry-keeper.ts';
import type { RegistryView } from '../../src/federation/registry/registry-view.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { readLedgerKey } from '../../src/ledger/notes/note.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';
import { publish, type TestAlliance, type TestMember } from './alliance.ts';

export interface Gateway {
  readonly member: TestMember;
  readonly world: TestDatabase;
  readonly ledger: Ledger;
  readonly registry: RegistryKeeper;
  readonly directory: string;
  readonly errors: unknown[];
  /** Bodies of all ledger entries, once what was appended is sequenced. */
  entries(): Promise<readonly LoggedEntry[]>;
  close(): Promise<void>;
}

export interface LoggedEntry {
  readonly kind: string;
  readonly mid?: string;
  readonly peer?: string;
  readonly token?: string;
  readonly code?: string;
  readonly count?: number;
  readonly grant?: string;
  readonly subject: { readonly type: string; readonly id: string; readonly sha256?: string };
  readonly counter?: { readonly origin: string; readonly index: number; readonly leaf: string };
  readonly pair?: { readonly peer: string; readonly dir: string; readonly n: number };
}

export function registryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'lz-registry-'));
}

export function putRegistry(directory: string, serial: number, document: RegistryDocument): void {
  writeFileSync(join(directory, `registry-${serial}.json`), JSON.stringify(document));
}

export async function putFreshness(
  directory: string,
  alliance: TestAlliance,
  view: RegistryView,
): Promise<void> {
  const statement = await signFreshness(view, alliance.freshness.signing, { now: new Date() });
  writeFileSync(join(directory, 'freshness.json'), JSON.stringify(statement));
}

export interface GatewayOptions {
  readonly directory?: string;
  readonly clock?: Clock;
}

/** A gateway of `member` that has adopted the alliance's first registry. */
export async function openGateway(
  alliance: TestAlliance,
  member: TestMember,
  { directory = registryDirectory(), clock = systemClock }: GatewayOptions = {},
): Promise<Gateway> {
  putRegistry(directory, 1, await publish(alliance));
  await putFreshness(directory, alliance, alliance.view);
  const world = await createTestDatabase();
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const { id, ledger: log } = member;
  const key = readLedgerKey(log.privateKey);
  const { database } = world;
  const ledger = await openLedger({ database, member: id, origin: log.origin, key, clock, onError });
  const registry = await openKeeper(alliance, { world, ledger, directory, clock, member: id, onError });
  return {
    member,
    world,
    ledger,
    registry,
    directory,
    errors,
    entries: () => loggedEntries(world),
    close: async () => {
      registry.close();
      await ledger.close();
      await world.close();
    },
  };
}

export interface KeeperOptions {
  readonly world: TestDatabase;
  readonly ledger: Ledger;
  readonly directory: string;
  readonly clock: Clock;
  readonly member: string;
  readonly onError: (error: unknown) => void;
}

export function openKeeper(alliance: TestAlliance, options: KeeperOptions): Promise<RegistryKeeper> {
  const { world, ...rest } = options;
  return openRegistryKeeper({
    ...rest,
    database: world.database,
    anchors: { alliance: alliance.body.alliance, operators: alliance.body.operators },
    schemas: alliance.schemas,
    pollMs: 3_600_000,
  });
}

async function loggedEntries({ database }: TestDatabase): Promise<readonly LoggedEntry[]> {
  for (let left = 100; left > 0; left -= 1) {
    const { rows } = await database.query<{ n: number }>('SELECT count(*) AS n FROM ledger_intake');
    if (rows[0]?.n === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rows } = await database.query<{ body: string }>('SELECT body FROM ledger_entry ORDER BY seq');
  return rows.map((row) => JSON.parse(row.body) as LoggedEntry);
}
