/** What `lianzheng ledger follow` needs of a gateway: the members' logs, its witness, and a place for evidence. */
import type { FollowedLedgers } from './cli/hooks.ts';
import { readConfig } from './config.ts';
import { systemClock } from './core/clock.ts';
import { PeerClient } from './federation/peer-client.ts';
import { readGatewayKeys } from './gateway-keys.ts';
import { currentRegistry } from './ledger-access.ts';
import { openLedger } from './ledger/ledger.ts';
import { readLedgerKey } from './ledger/note.ts';
import { remoteSource } from './ledger/source.ts';
import { insertFork } from './ledger/witness/witness-store.ts';
import { openDatabase } from './storage/database.ts';
import { forkEntry, witnessFor } from './witnessing.ts';

export async function followLedgers(configPath: string): Promise<FollowedLedgers> {
  const config = readConfig(configPath);
  const keys = await readGatewayKeys(config);
  const { member } = config;
  let view = await currentRegistry(config);
  const registry = { current: () => view, onChange: () => undefined };
  const peers = new PeerClient({
    registry,
    member,
    sealKey: keys.seal,
    tls: keys.tls,
    clock: systemClock,
    allowPrivateNetworks: config.allowPrivateNetworks ?? false,
  });
  const database = openDatabase({
    url: config.database.url,
    poolSize: 4,
    applicationName: 'lianzheng follow',
  });
  const key = readLedgerKey(keys.ledger);
  // The gateway's own process sequences what is appended here.
  const ledger = await openLedger({
    database,
    member,
    origin: key.name,
    key,
    clock: systemClock,
    sequencer: false,
  });
  const deps = { config, database, ledger, registry, key: keys.witness, clock: systemClock };
  return {
    witness: witnessFor(deps),
    logs: async () => {
      view = await currentRegistry(config);
      return view.body.members
        .filter(({ id, status }) => id !== member && status === 'active')
        .map(({ id, ledger: { origin, vkey } }) => {
          const source = remoteSource((path) => peers.get(id, `/ledger/${path}`));
          return { member: id, origin, vkeys: [vkey], source };
        });
    },
    keepFork: async ({ origin }, notes) => {
      const fork = { origin, ...notes, foundAt: systemClock() };
      await database.transaction(
        async (tx) => {
          if (await insertFork(tx, fork)) await ledger.append(tx, forkEntry(deps, fork));
        },
        { durable: true },
      );
    },
    close: async () => {
      await peers.close();
      await ledger.close();
      await database.close();
    },
  };
}
