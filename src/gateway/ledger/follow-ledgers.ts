/** What `lianzheng ledger follow` needs of a gateway: the members' logs, its witness, and a place for evidence. */
import type { FollowedLedgers } from '../../cli/hooks.ts';
import { programSchemas, readConfig } from '../../config.ts';
import { systemClock } from '../../core/clock.ts';
import { heldLedgerKeys, vkeysAt } from '../../federation/ledger-keys.ts';
import { PeerClient } from '../../federation/peers/peer-client.ts';
import { readAnchorsFile, readGatewayKeys } from '../keys/gateway-keys.ts';
import { heldRegistry, registryChain } from './ledger-access.ts';
import { openLedgerKeys } from '../keys/ledger-keys.ts';
import { LedgerGate } from '../../ledger/gate.ts';
import { openLedger } from '../../ledger/ledger.ts';
import { remoteSource } from '../../ledger/serving/source.ts';
import { clearLog } from '../../ledger/witness/clearance.ts';
import { insertFork } from '../../ledger/witness/witness-store.ts';
import { openDatabase } from '../../storage/database.ts';
import { askedOf, holdersOf, policyOf } from './witness-peers.ts';
import { forkEntry, witnessFor } from './witnessing.ts';

const CLEARANCE_MS = 8000;

export async function followLedgers(configPath: string): Promise<FollowedLedgers> {
  const config = readConfig(configPath);
  const keys = await readGatewayKeys(config);
  const { member } = config;
  let chain = await registryChain(config);
  const registry = { ...heldRegistry(() => chain), onChange: () => undefined };
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
  const schemas = programSchemas();
  const anchors = await readAnchorsFile(config.anchors, schemas);
  const silent = { info: () => undefined, error: () => undefined };
  const own = await openLedgerKeys({ config, database, anchors, schemas, logger: silent });
  const { signing: key, previousVkeys } = own;
  // The gateway's own process sequences what is appended here.
  const ledger = await openLedger({
    database,
    member,
    origin: key.name,
    key,
    previousVkeys,
    clock: systemClock,
    sequencer: false,
  });
  const asking = { config, registry, peers, ledger };
  /** Our witness's memory is in this database: while others hold more of our log than it does, it may be an old one. */
  const clear = async (): Promise<LedgerGate> => {
    const gate = new LedgerGate('waiting', 'no witness has confirmed our ledger');
    await clearLog({
      database,
      gate,
      origin: ledger.origin,
      vkeys: () => [
        key.vkey,
        ...previousVkeys,
        ...heldLedgerKeys(registry, ledger.origin).map(({ vkey }) => vkey),
      ],
      policy: () => policyOf({ registry }),
      witnesses: () => askedOf(asking),
      peers: () => holdersOf(asking),
      ownWitness: registry.current().member(member)?.ledger.witnessVkey,
      onAsked: () => undefined,
      signal: AbortSignal.timeout(CLEARANCE_MS),
    });
    return gate;
  };
  let cleared: Promise<LedgerGate> | undefined;
  const deps = { config, database, ledger, registry, key: keys.witness, clock: systemClock };
  const witness = witnessFor(deps);
  return {
    witness: witness && {
      ...witness,
      addCheckpoint: async (body) => {
        (await (cleared ??= clear())).assertOpen();
        return witness.addCheckpoint(body);
      },
    },
    // Each round anew: a restore or a fail-over may come at any time.
    logs: async () => {
      chain = await registryChain(config);
      cleared = clear();
      cleared.catch(() => undefined);
      return registry
        .current()
        .body.members.filter(({ id, status }) => id !== member && status === 'active')
        .map(({ id, ledger: { origin } }) => {
          const vkeys = vkeysAt(heldLedgerKeys(registry, origin), systemClock());
          const source = remoteSource((path) => peers.get(id, `/ledger/${path}`));
          return { member: id, origin, vkeys, source };
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
