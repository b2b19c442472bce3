/** Composition root of one gateway: opens every room, hands lower rooms what they call upward, closes in reverse. */
import type { Logger } from 'pino';
import { X509Certificate } from 'node:crypto';
import { programSchemas, type GatewayConfig } from '../config.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import type { EvidenceDeps } from '../evidence/evidence-deps.ts';
import type { FeatureDeps } from '../features/deps.ts';
import { openExchange, type QueueDesk } from './exchange.ts';
import type { DeliveryWorker } from '../federation/delivery/delivery.ts';
import { createInbox } from '../federation/inbox.ts';
import { enqueue } from '../federation/delivery/outbox.ts';
import { PeerClient } from '../federation/peers/peer-client.ts';
import { createRefusalLog, type RefusalLog } from '../federation/refusals.ts';
import type { RegistryKeeper } from '../federation/registry/registry-keeper.ts';
import { openTokenIdStore } from '../federation/tokens/token-store.ts';
import { createHealthServer } from '../http/member/health-server.ts';
import { LedgerGate } from '../ledger/gate.ts';
import { openLedger, type Ledger } from '../ledger/ledger.ts';
import { demandOwnEntry } from './standing.ts';
import { guardedClient } from './guarded-client.ts';
import { readAnchorsFile, readGatewayKeys } from './keys/gateway-keys.ts';
import { rotateKeys } from './keys/rotating-keys.ts';
import { openRegistry, startRegistryExchange } from './registry/registry-exchange.ts';
import { openLedgerKeys } from './keys/ledger-keys.ts';
import { closeServer, listen, memberUrlOf, sendAwayOnStop } from './listeners.ts';
import { limitCounter, openRates } from './limiting.ts';
import { openMemberPlane } from './member/member-plane.ts';
import { messageHandlers } from './message-handlers.ts';
import { keepPresence } from './processes/presence.ts';
import { pullsOf } from './processes/pulling.ts';
import { readRoles } from './processes/roles.ts';
import { deliveryEvents } from '../operations/events/delivery-events.ts';
import { observedClient } from '../operations/events/exchange-events.ts';
import { backgroundFailed, sequenced } from '../operations/events/house-events.ts';
import { openTelling, watchGateway, type Telling, type Watch } from '../operations/open-operations.ts';
import { Shutdown } from '../operations/shutdown.ts';
import { openBlobStore } from '../storage/blob-store.ts';
import { openPeerPlane } from './peer-plane.ts';
import { openPools } from './pools.ts';
import type { Database } from '../storage/database.ts';
import { othersWitnesses } from './ledger/witness-peers.ts';
import { startWatching } from './ledger/witnessing.ts';

export interface Gateway {
  readonly config: GatewayConfig;
  readonly ledger: Ledger;
  readonly registry: RegistryKeeper;
  readonly database: Database;
  readonly delivery: DeliveryWorker;
  readonly desk: QueueDesk;
  /** Refusals that were only counted so far: they can be written before their minute is over. */
  readonly refusals: Pick<RefusalLog, 'flush'>;
  readonly evidence: EvidenceDeps;
  readonly features: FeatureDeps;
  readonly health: Watch['health'];
  readonly peers: Pick<PeerClient, 'call'>;
  /** The certificate in use. */
  readonly tls: { readonly cert: string };
  /** Base URLs; another process listens there when this one has not the role `api`. */
  readonly peerUrl: string;
  readonly memberUrl: string;
  /** Health is not ready from now on; requests are still taken. */
  announceStop(): void;
  /** Stops taking requests and work, lets what runs end, closes the ledger, then the database. */
  close(): Promise<void>;
}

export async function openGateway(
  config: GatewayConfig,
  logger: Logger,
  clock: Clock = systemClock,
): Promise<Gateway> {
  const telling = await openTelling(config, logger);
  const onError = (error: unknown): void => backgroundFailed(telling, error);
  const shutdown = new Shutdown(onError);
  try {
    return await compose({ config, logger, clock, shutdown, onError, telling });
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

interface Composition {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Learns how each resource is closed. */
  readonly shutdown: Shutdown;
  readonly onError: (error: unknown) => void;
  readonly telling: Telling;
}

async function compose(composition: Composition): Promise<Gateway> {
  const { config, logger, clock, shutdown, onError, telling } = composition;
  const { after: closing, together: stopping } = shutdown;
  const { member } = config;
  const roles = readRoles(config.roles);
  const schemas = programSchemas();
  const keys = await readGatewayKeys(config);

  closing(telling.tracing, (tracing) => tracing.close());
  const { database, quick, probe } = openPools(config, closing);
  const anchors = await readAnchorsFile(config.anchors, schemas);
  const ledgerKeys = await openLedgerKeys({ config, database, anchors, schemas, logger });
  const { signing: key, previousVkeys } = ledgerKeys;
  const gate = new LedgerGate('waiting', 'the peer plane is not up yet');
  const ledger = closing(
    await openLedger({
      database,
      member,
      origin: key.name,
      key,
      previousVkeys,
      clock,
      gate,
      sequencer: roles.has('sequencer'),
      onError,
      onBatch: (batch) => sequenced(telling, batch),
    }),
    (open) => open.close(),
  );
  const registry = closing(
    await openRegistry({
      ...{ config, database, anchors, schemas, ledger, member, clock, logger, metrics: telling.metrics },
      beforeAdoption: (next) => ledgerKeys.follow(next),
    }),
    (keeper) => keeper.close(),
  );
  demandOwnEntry(config, registry, ledger);

  const rotating = closing(await rotateKeys({ config, keys, registry, clock, logger }), (open) =>
    open.close(),
  );
  const base = { member, database, ledger, registry, schemas, clock, sealKey: rotating.seal };
  const peers = closing(
    new PeerClient({
      ...base,
      tls: rotating.tls,
      allowPrivateNetworks: config.allowPrivateNetworks === true,
    }),
    (open) => open.close(),
  );
  const registryServer = stopping(startRegistryExchange({ ...base, config, peers, logger }), (exchange) =>
    exchange.close(),
  );
  const client = guardedClient(observedClient(peers, telling, clock), { registry, gate, clock });
  const exchange = openExchange({ ...base, config, client, peers, onError, ...deliveryEvents(telling) });
  const delivery = stopping(exchange.delivery, (worker) => worker.close());
  const outbound = {
    enqueue: (tx, message) => enqueue(tx, base, message),
    kickDelivery: () => delivery.kick(),
  } satisfies Pick<EvidenceDeps, 'enqueue' | 'kickDelivery'>;
  const { dir: directory, quotaBytes, reserveBytes = 0 } = config.blobs;
  const blobs = await openBlobStore({ directory, quotaBytes, reserveBytes });
  const evidence: EvidenceDeps = { ...base, ...outbound, blobs };
  const features: FeatureDeps = { ...base, ...outbound, indexKey: keys.index };
  const pulls = stopping(pullsOf(config, { ...evidence, client }, onError), (worker) => worker.close());

  const refusals = closing(createRefusalLog({ ...base, onError }), (log) => log.close());
  const tokenIds = closing(
    openTokenIdStore({ database: quick, clock, onError, purges: roles.has('clock') }),
    (store) => store.close(),
  );
  const onLimit = limitCounter(telling.metrics);
  const rates = closing(openRates(config, quick, onLimit), (limiter) => limiter.close());
  const witnessing = { ...base, config, gate, key: keys.witness, peers, logger };
  const handlers = messageHandlers({ features, evidence, kickPulls: () => pulls.kick() });
  const messages = createInbox({ ...base, handlers });
  const { desk } = stopping(exchange.follow(messages), (following) => following.close());
  const peer = await openPeerPlane({
    ...{ witnessing, registry, evidence, exchange, messages, telling, registryServer },
    ...{ tls: rotating.tls, refusals, tokenIds, logger, rates, onLimit },
  });
  const serves = roles.has('api');
  if (serves) stopping(await listen(sendAwayOnStop(peer, shutdown), config.peer), closeServer);
  stopping(startWatching(witnessing), (watching) => watching.close());
  const presence = closing(
    await keepPresence({ database: quick, gateway: config.gateway, roles, gate, onError }),
    (kept) => kept.close(),
  );

  const watch = closing(
    watchGateway({
      ...{
        ...base,
        database: probe,
        config,
        gate,
        blobs,
        delivery,
        telling,
        onError,
        presence,
        stop: shutdown,
      },
      pools: { main: database, tokens: quick, probe },
      certificateEnd: () => new Date(new X509Certificate(rotating.tls.cert).validTo),
      witnesses: () => othersWitnesses(registry, member),
    }),
    (open) => open.close(),
  );
  const memberPlane = await openMemberPlane({
    ...{ config, registry, evidence, features, gate, desk, logger, health: watch.health },
    recordRefusal: (act) => refusals.record(act),
    metrics: telling.metrics,
    ...{ rates, onLimit },
  });
  if (serves) stopping(await listen(sendAwayOnStop(memberPlane, shutdown), config.memberPlane), closeServer);
  const { health } = config.memberPlane;
  if (health !== undefined) stopping(await listen(createHealthServer(memberPlane), health), closeServer);

  return {
    config,
    ledger,
    registry,
    database,
    ...{ delivery, desk, refusals },
    evidence,
    features,
    health: watch.health,
    peers: client,
    tls: rotating.tls,
    peerUrl: `https://${config.peer.authority}`,
    memberUrl: memberUrlOf(config),
    announceStop: () => shutdown.announce(),
    close: () => shutdown.run(),
  };
}
