/** Composition of what goes out and comes back: delivery worker, inbox that tells it who is alive, feeds and their reading. */
import type { GatewayConfig } from '../config.ts';
import { disclosedOf } from '../features/disclosures-store.ts';
import { startDelivery, type DeliveryWorker } from '../federation/delivery/delivery.ts';
import { restingDelivery } from '../federation/delivery/resting-delivery.ts';
import { createFeedAnswerer, type FeedAnswerer } from '../federation/feed/answer-feed.ts';
import {
  catchUp,
  type CatchUpDeps,
  type CatchUpOptions,
  type CatchUpReport,
} from '../federation/feed/catch-up.ts';
import { startCatchUp } from '../federation/feed/catch-up-worker.ts';
import type { Feed } from '../federation/feed/position-store.ts';
import type { MessageReceiver } from '../federation/inbox.ts';
import type { DeliveryDeps } from '../federation/messages/deliver-message.ts';
import { statementSealer } from '../federation/undelivered/statement.ts';
import type { PeerClient } from '../federation/peers/peer-client.ts';
import { giveUpDelivery, type GivingUp } from '../federation/queue/give-up.ts';
import {
  reconcileDeliveries,
  type PeerReconciliation,
  type ReconcileRange,
} from '../federation/queue/reconcile.ts';
import { retryDelivery, type QueueAct } from '../federation/queue/retry.ts';
import { undeliveredFile } from '../federation/undelivered/evidence-file.ts';
import type { RegistryKeeper } from '../federation/registry/registry-keeper.ts';
import type { StatusAnswerer } from '../federation/status.ts';
import { readRoles } from './processes/roles.ts';
import type { SigningKey } from '../wire/jws.ts';
import type { SchemaRegistry } from '../wire/schema-registry.ts';

/** Kinds that are sent to every member of a group, so that who joins it later may have them too. */
const GROUP_KINDS = ['feature-batch'];

export interface ExchangeDeps extends Pick<DeliveryDeps, 'member' | 'database' | 'ledger' | 'clock'> {
  readonly registry: RegistryKeeper;
  readonly client: Pick<PeerClient, 'call'>;
  readonly peers: Pick<PeerClient, 'tokenFor'>;
  readonly sealKey: SigningKey;
  readonly schemas: SchemaRegistry;
  readonly onError: (error: unknown) => void;
  readonly config: Pick<GatewayConfig, 'deliveries' | 'roles'>;
}

/** What the member's own people may do with the queue. */
export interface QueueDesk {
  readonly worker: DeliveryWorker;
  retry(act: QueueAct): ReturnType<typeof retryDelivery>;
  giveUp(act: GivingUp): Promise<void>;
  evidence(mid: string): Promise<Buffer>;
  reconcile(range: ReconcileRange): Promise<readonly PeerReconciliation[]>;
  catchUp(feed: Feed, options?: CatchUpOptions): Promise<CatchUpReport>;
}

export interface Exchange {
  readonly delivery: DeliveryWorker;
  readonly feed: FeedAnswerer;
  /** `receiver` and `status` of the peer plane: whoever calls us is up. */
  listening(plane: { readonly messages: MessageReceiver; readonly status: StatusAnswerer }): {
    readonly messages: MessageReceiver;
    readonly status: StatusAnswerer;
  };
  /** Begins to catch up by itself; to be called when messages can be accepted. */
  follow(messages: MessageReceiver): { readonly desk: QueueDesk; close(): Promise<void> };
}

export function openExchange(deps: ExchangeDeps): Exchange {
  const { database, member, client } = deps;
  const disclosed = (id: string) => disclosedOf(database, member, id);
  const sealStatement = statementSealer(deps);
  const delivers = readRoles(deps.config.roles).has('delivery');
  const worker = delivers
    ? startDelivery({ ...deps, sealStatement, disclosedOf: disclosed })
    : restingDelivery(database);
  const kickDelivery = (): void => worker.kick();
  const desk = (reading: CatchUpDeps): QueueDesk => ({
    worker,
    retry: (act) => retryDelivery({ ...deps, kickDelivery }, act),
    giveUp: (act) => giveUpDelivery({ ...deps, sealStatement, kickDelivery }, act),
    evidence: (mid) => undeliveredFile(deps, mid),
    reconcile: (range) => reconcileDeliveries({ ...deps, kickDelivery }, range),
    catchUp: (feed, options) => catchUp(reading, feed, options),
  });
  return {
    delivery: worker,
    feed: createFeedAnswerer({
      ...deps,
      client: deps.peers,
      disclosedOf: disclosed,
      groupKinds: GROUP_KINDS,
    }),
    listening: ({ messages, status }) => ({
      messages: { receive: (message) => (worker.heard(message.from), messages.receive(message)) },
      status: (ids, peer) => (worker.heard(peer), status(ids, peer)),
    }),
    follow: (messages) => {
      const reading = { ...deps, client, messages };
      const byItself = delivers && deps.config.deliveries?.catchUp !== false;
      const following = byItself ? startCatchUp(reading, { onError: deps.onError }) : undefined;
      return { desk: desk(reading), close: async () => following?.close() };
    },
  };
}
