/** Composition root of one gateway: opens every room, hands lower rooms what they call upward, closes in reverse. */
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { join } from 'node:path';
import { programRoot, programSchemas, type GatewayConfig } from './config.ts';
import { systemClock, type Clock } from './core/clock.ts';
import type { EvidenceDeps } from './evidence/evidence-deps.ts';
import { startPulls } from './evidence/pull.ts';
import { packetOfferHandler } from './evidence/receive.ts';
import { receiptHandler } from './evidence/accept-receipt.ts';
import { evidenceRequestHandler } from './evidence/request.ts';
import { createPartServer } from './evidence/serve-parts.ts';
import type { FeatureDeps } from './features/deps.ts';
import { disclosedOf } from './features/disclosures-store.ts';
import { erasureHandler } from './features/erasure/receive-erasure.ts';
import { featureBatchHandler } from './features/receive.ts';
import { startDelivery, type DeliveryWorker } from './federation/delivery.ts';
import { createInbox } from './federation/inbox.ts';
import { heldTokens } from './federation/held-offers.ts';
import { enqueue } from './federation/outbox.ts';
import { pairEntries } from './federation/pair-entries.ts';
import { PeerClient } from './federation/peer-client.ts';
import { createRefusalLog } from './federation/refusals.ts';
import type { RegistryKeeper } from './federation/registry-keeper.ts';
import { createStatusAnswerer } from './federation/status.ts';
import { openTokenIdStore } from './federation/token-store.ts';
import { createMemberServer } from './http/member/server.ts';
import { createPeerServer } from './http/peer/peer-server.ts';
import { LedgerGate } from './ledger/gate.ts';
import { openLedger, type Ledger } from './ledger/ledger.ts';
import { demandOwnEntry, mayAudit } from './standing.ts';
import { openPool } from './gateway-database.ts';
import { readAnchorsFile, readGatewayKeys } from './gateway-keys.ts';
import { openLedgerKeys } from './ledger-keys.ts';
import { servedLedger } from './ledger-access.ts';
import { closeServer, listen, memberTls } from './listeners.ts';
import { memberServices } from './member-services.ts';
import { rotateKeys } from './rotating-keys.ts';
import { openRegistry, startRegistryExchange } from './registry-exchange.ts';
import { openBlobStore } from './storage/blob-store.ts';
import type { Database } from './storage/database.ts';
import { createBearerVerifier } from './wire/bearer.ts';
import { startWatching, witnessOf } from './witnessing.ts';

export interface Gateway {
  readonly config: GatewayConfig;
  readonly ledger: Ledger;
  readonly registry: RegistryKeeper;
  readonly database: Database;
  readonly delivery: DeliveryWorker;
  readonly evidence: EvidenceDeps;
  readonly features: FeatureDeps;
  readonly peers: Pick<PeerClient, 'call'>;
  /** The certificate in use. */
  readonly tls: { readonly cert: string };
  /** Base URLs. */
  readonly peerUrl: string;
  readonly memberUrl: string;
  /** Stops taking requests, lets running work end, closes workers, then the database. */
  close(): Promise<void>;
}

export async function openGateway(
  config: GatewayConfig,
  logger: Logger,
  clock: Clock = systemClock,
): Promise<Gateway> {
  const opened: (() => unknown)[] = [];
  const closing = <T>(resource: T, close: (resource: T) => unknown): T => {
    opened.push(() => close(resource));
    return resource;
  };
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    return await compose({ config, logger, clock, closing, closeAll });
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface Composition {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Registers how a resource is closed; resources close in reverse order. */
  readonly closing: <T>(resource: T, close: (resource: T) => unknown) => T;
  readonly closeAll: () => Promise<void>;
}

async function compose(composition: Composition): Promise<Gateway> {
  const { config, logger, clock, closing } = composition;
  const { member } = config;
  const schemas = programSchemas();
  const keys = await readGatewayKeys(config);
  const onError = (error: unknown): void => logger.error({ err: error }, 'background work failed');
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });

  const database = closing(openPool(config), (pool) => pool.close());
  const quick = closing(openPool(config, 'off'), (pool) => pool.close());
  const anchors = await readAnchorsFile(config.anchors, schemas);
  const ledgerKeys = await openLedgerKeys({ config, database, anchors, schemas, logger });
  const { signing: key, previousVkeys } = ledgerKeys;
  const gate = new LedgerGate('waiting', 'the peer plane is not up yet');
  const ledger = closing(
    await openLedger({ database, member, origin: key.name, key, previousVkeys, clock, gate, onError }),
    (open) => open.close(),
  );
  const registry = closing(
    await openRegistry({
      ...{ config, database, anchors, schemas, ledger, member, clock, logger, metrics },
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
      allowPrivateNetworks: config.allowPrivateNetworks ?? false,
    }),
    (open) => open.close(),
  );
  const registryServer = closing(startRegistryExchange({ ...base, config, peers, logger }), (exchange) =>
    exchange.close(),
  );
  // A frozen registry or a doubtful ledger stops what goes out as well as what comes in.
  const client: Pick<PeerClient, 'call'> = {
    call: async (call) => {
      registry.assertFresh(clock());
      gate.assertOpen();
      return peers.call(call);
    },
  };
  const delivery = closing(
    startDelivery({ ...base, client, onError, disclosedOf: (id) => disclosedOf(database, member, id) }),
    (worker) => worker.close(),
  );
  const outbound = {
    enqueue: (tx, message) => enqueue(tx, base, message),
    kickDelivery: () => delivery.kick(),
  } satisfies Pick<EvidenceDeps, 'enqueue' | 'kickDelivery'>;
  const blobs = await openBlobStore({
    directory: config.blobs.dir,
    quotaBytes: config.blobs.quotaBytes,
    reserveBytes: config.blobs.reserveBytes ?? 0,
  });
  const evidence: EvidenceDeps = { ...base, ...outbound, blobs };
  const features: FeatureDeps = { ...base, ...outbound, indexKey: keys.index };
  const pulls = closing(startPulls({ ...evidence, client }, { onError }), (worker) => worker.close());

  const refusals = closing(createRefusalLog({ ...base, onError }), (log) => log.close());
  const tokenIds = closing(openTokenIdStore({ database: quick, clock, onError }), (store) => store.close());
  const witnessing = { ...base, config, gate, key: keys.witness, peers, logger };
  const handlers = {
    'feature-batch': featureBatchHandler(features),
    erasure: erasureHandler(features),
    'packet-offer': packetOfferHandler(() => pulls.kick()),
    'packet-receipt': receiptHandler(evidence),
    'evidence-request': evidenceRequestHandler(),
  };
  const peer = createPeerServer({
    ...base,
    authority: config.peer.authority,
    tls: rotating.tls,
    messages: createInbox({ ...base, handlers }),
    status: createStatusAnswerer(base),
    parts: createPartServer(evidence),
    registryServer,
    ledgerSource: await servedLedger(config, database, ledger),
    mayAudit: (who) => mayAudit(who, registry, clock()),
    pairEntries: (who, mid) => pairEntries(base, who, mid),
    heldTokens: (who) => heldTokens(database, who),
    witness: witnessOf(witnessing),
    refusals,
    tokenIds,
    logger,
    ...(config.peer.allowedSkewSeconds === undefined
      ? {}
      : { allowedSkewSeconds: config.peer.allowedSkewSeconds }),
    ...(config.peer.maxConnections === undefined
      ? {}
      : { limits: { maxConnections: config.peer.maxConnections } }),
  });
  closing(await listen(peer, config.peer), closeServer);
  closing(startWatching(witnessing), (watching) => watching.close());

  const memberPlane = createMemberServer({
    contract: join(programRoot, 'openapi.yaml'),
    bearer: createBearerVerifier({
      issuer: config.memberPlane.issuer,
      audience: config.memberPlane.audience,
      jwks: jwksSource(config.memberPlane.jwks),
    }),
    services: memberServices({ config, registry, evidence, features, gate }),
    recordRefusal: (act) => refusals.record(act),
    metrics,
    logger,
    ...(await memberTls(config)),
  });
  closing(await listen(memberPlane, config.memberPlane), closeServer);

  const scheme = config.memberPlane.tls === undefined ? 'http' : 'https';
  return {
    config,
    ledger,
    registry,
    database,
    delivery,
    evidence,
    features,
    peers: client,
    tls: rotating.tls,
    peerUrl: `https://${config.peer.authority}`,
    memberUrl: `${scheme}://${config.memberPlane.host}:${config.memberPlane.port}`,
    close: composition.closeAll,
  };
}

function jwksSource(jwks: string): { readonly url: string } | { readonly file: string } {
  return jwks.startsWith('https://') ? { url: jwks } : { file: jwks };
}
