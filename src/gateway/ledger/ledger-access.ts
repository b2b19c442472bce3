/** Opens ledgers for the CLI: the gateway's own from its database, a peer's over the gateway's certificate. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programSchemas, readConfig, type GatewayConfig } from '../../config.ts';
import { systemClock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { PeerClient } from '../../federation/peers/peer-client.ts';
import { readRegistryChain } from '../../federation/registry/registry-chain.ts';
import type { RegistryKeeper } from '../../federation/registry/registry-keeper.ts';
import { createRegistryView, type RegistryView } from '../../federation/registry/registry-view.ts';
import { readAnchorsFile, readGatewayKeys } from '../keys/gateway-keys.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { prunedSource } from '../../ledger/serving/pruned-source.ts';
import { databaseSource, remoteSource, type LedgerSource } from '../../ledger/serving/source.ts';
import { openDatabase, type Database } from '../../storage/database.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';

export interface OpenedLedger {
  readonly source: LedgerSource;
  close(): Promise<void>;
}

export function ownLedger(configPath: string): Promise<OpenedLedger> {
  const config = readConfig(configPath);
  const database = openDatabase({
    url: config.database.url,
    poolSize: 4,
    applicationName: 'lianzheng ledger',
  });
  return Promise.resolve({ source: databaseSource(database), close: () => database.close() });
}

export async function peerLedger(configPath: string, member: string): Promise<OpenedLedger> {
  const config = readConfig(configPath);
  const keys = await readGatewayKeys(config);
  const chain = await registryChain(config);
  const client = new PeerClient({
    registry: { ...heldRegistry(() => chain), onChange: () => undefined },
    member: config.member,
    sealKey: keys.seal,
    tls: keys.tls,
    clock: systemClock,
    allowPrivateNetworks: config.allowPrivateNetworks ?? false,
  });
  const source = remoteSource((path) => client.get(member, `/ledger/${path}`));
  return { source, close: () => client.close() };
}

/** What peers and auditors may read. Throws config.invalid when that would leave nothing to read. */
export async function servedLedger(
  { ledger: retention }: GatewayConfig,
  database: Database,
  ledger: Pick<Ledger, 'latest'>,
): Promise<LedgerSource> {
  const source = databaseSource(database);
  const minimumIndex = retention?.minimumIndex ?? 0;
  if (minimumIndex === 0) return source;
  const { size } = await ledger.latest();
  if (minimumIndex <= size) return prunedSource(source, minimumIndex);
  throw new GatewayError(
    'config.invalid',
    `ledger.minimumIndex is ${minimumIndex}, the ledger has ${size} entries`,
  );
}

/** The chain of registries in the gateway's directory, verified from the anchors on; the last is the current one. */
export async function registryChain(
  config: Pick<GatewayConfig, 'anchors'> & { readonly registry: { readonly dir: string } },
): Promise<readonly RegistryView[]> {
  const schemas = programSchemas();
  const { alliance, operators } = await readAnchorsFile(config.anchors, schemas);
  const names = (await readdir(config.registry.dir)).filter((name) => /^registry-\d+\.json$/.test(name));
  const documents = await Promise.all(
    names.map(async (name) => parseStrictJson(await readFile(join(config.registry.dir, name)))),
  );
  const chain = await readRegistryChain(documents, { alliance, operators, schemas });
  if (chain.length === 0) throw new GatewayError('config.invalid', `no registry in ${config.registry.dir}`);
  return chain.map(createRegistryView);
}

/** The registries of a chain as a keeper would give them. */
export function heldRegistry(chain: () => readonly RegistryView[]): Pick<RegistryKeeper, 'current' | 'at'> {
  return {
    current: () => chain().at(-1) as RegistryView,
    at: (serial) => chain().find((view) => view.serial === serial),
  };
}
