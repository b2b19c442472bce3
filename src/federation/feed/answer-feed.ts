/** Answers `/x/v1/feed`: each envelope as the signed request that would bring it, for the caller to take as if it had come. */
import type { JsonObject } from '../../core/canonical.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { newId, type GroupId, type MemberId } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Database } from '../../storage/database.ts';
import type { DeliveryDeps } from '../messages/deliver-message.ts';
import { bodyOf } from '../messages/deliver-message.ts';
import type { PeerClient } from '../peers/peer-client.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { feedEnvelopes, feedReach, type FeedEnvelope } from './feed-store.ts';
import { handOver, type Handed } from './hand-over.ts';

export interface FeedDeps {
  readonly member: MemberId;
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'origin' | 'append' | 'settle' | 'find'>;
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly client: Pick<PeerClient, 'tokenFor'>;
  readonly clock: Clock;
  readonly disclosedOf: DeliveryDeps['disclosedOf'];
  /** Kinds that go to every member of a group. */
  readonly groupKinds: readonly string[];
}

/** schemas/feed-request.json. */
export interface FeedRequest {
  readonly group: GroupId;
  readonly cursor: string | null;
  readonly limit: number;
}

/** `{receipt, items: [{token, body}], cursor, more}`; `receipt` is where the answer itself stands in our ledger. */
export type FeedAnswerer = (request: FeedRequest, peer: MemberId) => Promise<JsonObject>;

/** Of all bodies in one answer; one that is larger goes alone. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Throws grant.refused, which says nothing of whether there is such a group, and feed.cursor-invalid. */
export function createFeedAnswerer(deps: FeedDeps): FeedAnswerer {
  const answering = new Set<MemberId>();
  return async (request, peer) => {
    demandMembers(deps, request.group, peer);
    // A page costs up to a hundred signatures: nobody has two made at once.
    if (answering.has(peer))
      throw new GatewayError('exchange.rate-limited', 'one feed at a time for each member');
    answering.add(peer);
    try {
      return await answerPage(deps, request, peer);
    } finally {
      answering.delete(peer);
    }
  };
}

async function answerPage(
  deps: FeedDeps,
  { group, cursor, limit }: FeedRequest,
  peer: MemberId,
): Promise<JsonObject> {
  const after = readCursor(cursor);
  // The reach first: what becomes durable in between stands behind it and waits for the next call.
  const reach = await feedReach(deps.database, after);
  const question = { peer, group, groupKinds: deps.groupKinds, after, limit };
  const found = (await feedEnvelopes(deps.database, question)).filter(({ index }) => index <= reach.index);
  const fitting = await fittingBodies(deps, found);
  const handed = await handOver(deps, peer, fitting);
  const isCut = fitting.length < found.length || found.length === limit;
  const end = isCut ? (fitting.at(-1)?.envelope.index ?? after) : reach.index;
  const items = await Promise.all(handed.map((one) => itemOf(deps, { group, peer, one })));
  const { index, leaf } = await logAnswer(deps, { peer, group, count: items.length });
  const receipt = { origin: deps.ledger.origin, index, leaf };
  return { receipt, items, cursor: end < 0 ? null : writeCursor(end), more: isCut || reach.more };
}

function demandMembers({ member, registry }: FeedDeps, group: GroupId, peer: MemberId): void {
  const view = registry.current();
  if (view.inGroup(group, member) && view.inGroup(group, peer) && view.active(peer)) return;
  throw new GatewayError('grant.refused', 'unmet condition: group-member', {
    facts: { unmet: 'group-member' },
  });
}

export interface FittingBody {
  readonly envelope: FeedEnvelope;
  readonly body: Buffer;
}

/** With the disclosures that there still are: what was erased stays erased. */
async function fittingBodies(
  deps: FeedDeps,
  found: readonly FeedEnvelope[],
): Promise<readonly FittingBody[]> {
  const fitting: FittingBody[] = [];
  let bytes = 0;
  for (const envelope of found) {
    const body = await bodyOf(deps, envelope);
    bytes += body.length;
    if (fitting.length > 0 && bytes > MAX_BYTES) break;
    fitting.push({ envelope, body });
  }
  return fitting;
}

interface Item {
  readonly group: GroupId;
  readonly peer: MemberId;
  readonly one: Handed;
}

async function itemOf(deps: FeedDeps, { group, peer, one }: Item): Promise<JsonObject> {
  const { envelope, body, mid, offer } = one;
  const token = await deps.client.tokenFor({
    to: peer,
    path: '/x/v1/messages',
    group,
    purpose: envelope.purpose,
    mid,
    body,
    schema: `${envelope.schemaId}#${envelope.schemaSha256}`,
    offer,
  });
  return { token, body: body.toString('utf8') };
}

interface Answered {
  readonly peer: MemberId;
  readonly group: GroupId;
  readonly count: number;
}

async function logAnswer(deps: FeedDeps, { peer, group, count }: Answered): Promise<EntryRef> {
  const { serial, sha256 } = deps.registry.current();
  const id = newId();
  const key = await deps.ledger.append(deps.database, {
    id,
    at: deps.clock().toISOString(),
    kind: 'feed.answered',
    member: deps.member,
    peer,
    group,
    basis: [],
    registry: { serial, sha256 },
    subject: { type: 'feed', id },
    pair: { peer, dir: 'in' },
    count,
    actor: 'gateway',
  });
  return deps.ledger.settle(key);
}
