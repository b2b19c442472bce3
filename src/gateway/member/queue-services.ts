/** Binds the queue to the member plane, in the words of openapi.yaml. */
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { QueueDesk } from '../exchange.ts';
import type { DeliveryState } from '../../federation/delivery/delivery-store.ts';
import { feedsOf } from '../../federation/feed/catch-up-worker.ts';
import type { Feed } from '../../federation/feed/position-store.ts';
import { listDeliveries, type DeliveryRecord } from '../../federation/delivery/list-deliveries-store.ts';
import type { CircuitState } from '../../federation/lanes/circuit.ts';
import { findDelivery, peerQueues, type DeliveryDetail } from '../../federation/queue/queue-store.ts';
import type { RegistryKeeper } from '../../federation/registry/registry-keeper.ts';
import type * as api from '../../http/member/services.ts';
import type { Database } from '../../storage/database.ts';

export interface QueueServiceDeps {
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly evidence: { readonly database: Database; readonly member: string };
  readonly desk: QueueDesk;
}

/** Of one peer's feed in one call. */
const MOST_PAGES = 50;

export function queueServices({ registry, desk, evidence: { database, member } }: QueueServiceDeps) {
  const detailOf = async (mid: string): Promise<api.DeliveryDetail> => {
    const found = await findDelivery(database, mid);
    if (found === undefined) throw new GatewayError('delivery.not-found', `no delivery ${mid}`);
    return detail(found);
  };
  return {
    listDeliveries: async ({ state, dead, ...rest }) => {
      const wanted = state === undefined ? rest : { ...rest, state: state as DeliveryState };
      return {
        deliveries: (await listDeliveries(database, { ...wanted, dead: dead ?? false })).map(delivery),
      };
    },
    delivery: detailOf,
    retryDelivery: (act) => desk.retry(act),
    giveUpDelivery: async (act) => {
      await desk.giveUp(act);
      return detailOf(act.mid);
    },
    deliveryEvidence: (mid) => desk.evidence(mid),
    queue: async () => ({ peers: await queueRows(database, desk) }),
    reconcileQueue: async ({ peer, days }) => {
      if (peer !== undefined) demandOther(registry, member, peer);
      return { peers: await desk.reconcile({ days, ...(peer === undefined ? {} : { peer }) }) };
    },
    catchUpQueue: async ({ group, from, anew = false }) => {
      const feeds = feedsOf({ registry, member }).filter(
        (feed) => feed.group === group && (from === undefined || feed.peer === from),
      );
      if (feeds.length === 0)
        throw new GatewayError('grant.refused', 'no other active member of such a group of ours', {
          facts: { unmet: 'group-member' },
        });
      return { peers: await Promise.all(feeds.map((feed) => catchUpWith(desk, feed, anew))) };
    },
  } satisfies Partial<api.MemberServices>;
}

function demandOther(registry: Pick<RegistryKeeper, 'current'>, member: string, peer: string): void {
  if (peer !== member && registry.current().member(peer) !== undefined) return;
  throw new GatewayError('exchange.target-refused', `the registry lists no other member ${peer}`);
}

/** One peer that cannot be read hides nothing of the others. */
async function catchUpWith(desk: QueueDesk, feed: Feed, anew: boolean): Promise<api.CatchUpReport> {
  try {
    return await desk.catchUp(feed, { mostPages: MOST_PAGES, anew });
  } catch (error) {
    const code = isGatewayError(error) ? error.code : 'internal';
    return { ...feed, pages: 0, accepted: 0, known: 0, refused: [], done: false, code };
  }
}

async function queueRows(database: Database, desk: QueueDesk): Promise<readonly api.PeerQueue[]> {
  const circuits = new Map(desk.worker.circuits().map(({ peer, ...state }) => [peer, state]));
  const queues = await peerQueues(database);
  const idle = [...circuits.keys()].filter((peer) => !queues.some((queue) => queue.peer === peer));
  const empty = { pending: 0, sent: 0, waiting: 0, dead: 0, oldestAt: null };
  return [...queues, ...idle.map((peer) => ({ peer, ...empty }))].map(({ oldestAt, ...row }) => {
    const state = circuits.get(row.peer);
    return {
      ...row,
      ...(oldestAt === null ? {} : { oldestAt: oldestAt.toISOString() }),
      ...(state === undefined ? {} : { circuit: circuit(state) }),
    };
  });
}

function circuit({ since, probeAt, ...rest }: CircuitState): NonNullable<api.PeerQueue['circuit']> {
  const probe = probeAt === undefined ? {} : { probeAt: probeAt.toISOString() };
  return { ...rest, since: since.toISOString(), ...probe };
}

/** Member by member: a row that holds more, such as what was sent, shows no more. */
function delivery(record: DeliveryRecord): api.Delivery {
  const { mid, envelopeId, recipient, kind, group, state, attempts, code, receipt, dueAt, closedAt } = record;
  return {
    ...{ mid, envelopeId, to: recipient, kind, group, state, attempts },
    createdAt: record.createdAt.toISOString(),
    expiresAt: record.expiresAt.toISOString(),
    ...(closedAt === null ? { nextAttemptAt: dueAt.toISOString() } : { closedAt: closedAt.toISOString() }),
    ...(code === null ? {} : { code }),
    ...(receipt === null ? {} : { receipt: JSON.parse(receipt) as never }),
  };
}

function detail(found: DeliveryDetail): api.DeliveryDetail {
  const { stream, firstSentAt, lastSentAt, settledAt, responseToken, responseBody, responseStatus } = found;
  const { outcomeUnknown, waitsFor, requeued } = found;
  const answer =
    responseToken === null || responseBody === null || responseStatus === null
      ? {}
      : { answer: { status: responseStatus, token: responseToken, body: responseBody } };
  return {
    ...delivery({ ...found, state: found.durable ? found.state : 'sent', code: found.lastCode }),
    ...{ outcomeUnknown, waitsFor, requeued, hasEvidence: found.evidence !== null },
    ...(stream === null ? {} : { stream }),
    ...(firstSentAt === null ? {} : { firstAttemptAt: firstSentAt.toISOString() }),
    ...(lastSentAt === null ? {} : { lastAttemptAt: lastSentAt.toISOString() }),
    ...(settledAt === null ? {} : { settledAt: settledAt.toISOString() }),
    ...answer,
  };
}
