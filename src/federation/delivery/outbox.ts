/** Queues a sealed envelope for its recipients in the caller's transaction: one delivery and one offer in the ledger each. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { newId, type MemberId } from '../../core/ids.ts';
import type { EntryDraft } from '../../ledger/entry.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EnvelopeContent, SealedEnvelope } from '../../wire/envelope.ts';
import type { QuotaOfGrant } from '../grants.ts';
import { countAct } from '../grants/quota-store.ts';
import { insertOutgoing } from '../messages/outbox-store.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';

export interface OutboxDeps {
  readonly member: MemberId;
  readonly ledger: Pick<Ledger, 'append'>;
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly clock: Clock;
}

export interface OutgoingMessage {
  readonly sealed: SealedEnvelope;
  readonly content: EnvelopeContent;
  readonly recipients: readonly MemberId[];
  /** true: the worker asks for the disclosures when it sends; the outbox keeps none. */
  readonly personal: boolean;
  readonly commitments?: { readonly root: string; readonly count: number };
  /** Default 7 days from now. */
  readonly expiresAt?: Date;
  /** To each recipient the messages of a stream go one by one, in the order in which they were queued. */
  readonly stream?: string;
  /** Ids of envelopes: what of them is on its way to a recipient is closed before this is sent to it. */
  readonly after?: readonly string[];
  /** Key of the caller's own ledger entry about the content: its place in the feed that later members read. */
  readonly pushedKey?: Buffer;
  /** Who asked for it, for the ledger. Default `gateway`. */
  readonly actor?: string;
  /** Grants whose quota it counts under, once for all recipients. */
  readonly quotas?: readonly QuotaOfGrant[];
}

export interface QueuedMessage {
  readonly mid: string;
  readonly to: MemberId;
  /** Idempotency key of the offer's ledger entry; `ledger.settle` waits for it. */
  readonly offerKey: Buffer;
}

const LIFETIME_MS = 7 * 86_400_000;

/**
 * One statement for the rows and one for each recipient's entry, all in one round trip. The worker sends nothing
 * before the offer is durable. Throws grant.refused, grant.quota-exceeded.
 */
export async function enqueue(
  tx: Queryable,
  deps: OutboxDeps,
  message: OutgoingMessage,
): Promise<readonly QueuedMessage[]> {
  demandRecipients(deps, message);
  const now = deps.clock();
  const { quotas } = message;
  if (quotas !== undefined) await countAct(tx, { member: deps.member, quotas, now });
  const queued = message.recipients.map((to) => ({ mid: newId(), to, offerKey: randomBytes(32) }));
  const payloadSha256 = sha256Hex(Buffer.from(message.sealed.payload, 'base64url'));
  const expiresAt = message.expiresAt ?? new Date(now.getTime() + LIFETIME_MS);
  const entries = queued.map((one) => {
    const draft = offeredEntry(deps, message, { ...one, payloadSha256, now });
    return deps.ledger.append(tx, draft, one.offerKey);
  });
  await Promise.all([insertOutgoing(tx, { ...message, payloadSha256, expiresAt, queued, now }), ...entries]);
  return queued;
}

/** The registry is the only address book, and a group's content goes to the group's members only. */
function demandRecipients(deps: OutboxDeps, { content, recipients }: OutgoingMessage): void {
  const view = deps.registry.current();
  for (const to of recipients) {
    if (to !== deps.member && view.active(to) && view.inGroup(content.group, to)) continue;
    throw new GatewayError('grant.refused', `${to} is no other active member of group ${content.group}`, {
      facts: { unmet: 'group-member', recipient: to },
    });
  }
}

/** The payload's digest is safe to log: personal values never stand in signed bytes. */
function offeredEntry(
  deps: OutboxDeps,
  { content, commitments, actor = 'gateway' }: OutgoingMessage,
  one: QueuedMessage & { readonly payloadSha256: string; readonly now: Date },
): EntryDraft {
  return {
    id: newId(),
    at: one.now.toISOString(),
    kind: 'message.offered',
    member: deps.member,
    peer: one.to,
    group: content.group,
    purpose: content.purpose,
    basis: content.legalBasis,
    registry: content.registry,
    subject: { type: content.kind, id: content.id, sha256: one.payloadSha256 },
    pair: { peer: one.to, dir: 'out' },
    mid: one.mid,
    actor,
    ...(commitments === undefined ? {} : { commitments }),
  };
}
