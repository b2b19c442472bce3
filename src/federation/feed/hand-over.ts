/** Makes what a feed answers a delivery to the caller like any other: offered in the ledger before it is handed out. */
import { GatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import type { EntryDraft, EntryRef } from '../../ledger/entry.ts';
import type { Queryable } from '../../storage/database.ts';
import { decodeBase64url } from '../../wire/base64url.ts';
import type { EnvelopeContent, SealedEnvelope } from '../../wire/envelope.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import { enqueue } from '../delivery/outbox.ts';
import { reopenDelivery } from '../queue/queue-store.ts';
import { actEntry, demandDelivery } from '../queue/retry.ts';
import type { FeedDeps, FittingBody } from './answer-feed.ts';
import { latestMid, markHanded, takeFeedTurn, type FeedEnvelope } from './feed-store.ts';

export interface Handed extends FittingBody {
  readonly mid: string;
  readonly offer: EntryRef;
}

/** The worker pushes it after this, unless the caller's acceptance has become known: that push brings the proof. */
const PUSH_AFTER_MS = 10_000;
const LIFETIME_MS = 7 * 86_400_000;

/** In one transaction; waits until all offers are durable. */
export async function handOver(
  deps: FeedDeps,
  peer: MemberId,
  fitting: readonly FittingBody[],
): Promise<readonly Handed[]> {
  if (fitting.length === 0) return [];
  const now = deps.clock();
  const made = await deps.database.transaction(async (tx) => {
    await takeFeedTurn(tx, peer);
    const all = [];
    for (const one of fitting) all.push(await deliveryOf(tx, deps, { peer, one, now }));
    const mids = all.map(({ mid }) => mid);
    const made = all.filter(({ isNew }) => isNew).map(({ mid }) => mid);
    await markHanded(tx, { mids, made, now, pushAt: new Date(now.getTime() + PUSH_AFTER_MS) });
    return all;
  });
  return Promise.all(
    made.map(async ({ mid, offerKey, actKey }, i) => {
      if (actKey !== undefined) await deps.ledger.settle(actKey);
      const { origin, index, leaf, size, root } = await deps.ledger.settle(offerKey);
      return { ...(fitting[i] as FittingBody), mid, offer: { origin, index, leaf, size, root } };
    }),
  );
}

interface Handing {
  readonly peer: MemberId;
  readonly one: FittingBody;
  readonly now: Date;
}

interface Made {
  readonly mid: string;
  readonly offerKey: Buffer;
  readonly actKey?: Buffer;
  /** Made for this answer, or opened again: no worker knows it yet. */
  readonly isNew: boolean;
}

async function deliveryOf(tx: Queryable, deps: FeedDeps, { peer, one, now }: Handing): Promise<Made> {
  const { envelope } = one;
  // Another call of the same peer may have made it since.
  const mid = envelope.mid ?? (await latestMid(tx, envelope.envelopeId, peer));
  if (mid === undefined) return offerAnew(tx, deps, { peer, envelope });
  const found = await demandDelivery(tx, mid);
  const { offerKey } = found;
  if (found.state !== 'expired') return { mid, offerKey, isNew: false };
  await reopenDelivery(tx, mid, { now, expiresAt: new Date(now.getTime() + LIFETIME_MS) });
  const entry: EntryDraft = actEntry(deps, found, { kind: 'message.requeued', actor: 'gateway' });
  return { mid, offerKey, isNew: true, actKey: await deps.ledger.append(tx, entry) };
}

interface Addressing {
  readonly peer: MemberId;
  readonly envelope: FeedEnvelope;
}

/** The caller was not a member when it was sent. */
async function offerAnew(tx: Queryable, deps: FeedDeps, { peer, envelope }: Addressing): Promise<Made> {
  const sealed = parseStrictJson(Buffer.from(envelope.sealed, 'utf8')) as unknown as SealedEnvelope;
  const content = parseStrictJson(decodeBase64url(sealed.payload)) as unknown as EnvelopeContent;
  const message = { sealed, content, recipients: [peer], personal: envelope.personal };
  const [queued] = await enqueue(tx, deps, message);
  if (queued === undefined) throw new GatewayError('internal', 'one recipient, no delivery');
  return { ...queued, isNew: true };
}
