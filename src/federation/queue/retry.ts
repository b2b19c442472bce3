/** Tries a delivery again: at once, under its own id where the peer never decided, as a new message where it refused. */
import { newId, type MemberId } from '../../core/ids.ts';
import { GatewayError } from '../../core/errors.ts';
import type { EntryDraft } from '../../ledger/entry.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Database, Queryable } from '../../storage/database.ts';
import { decodeBase64url } from '../../wire/base64url.ts';
import type { EnvelopeContent, SealedEnvelope } from '../../wire/envelope.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import type { Clock } from '../../core/clock.ts';
import { enqueue } from '../delivery/outbox.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';
import {
  findDelivery,
  makeDue,
  reopenDelivery,
  settleDeadLetter,
  type DeliveryDetail,
} from './queue-store.ts';

export interface QueueDeps {
  readonly member: MemberId;
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'append' | 'settle' | 'find' | 'origin'>;
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly clock: Clock;
  readonly kickDelivery: () => void;
}

export interface QueueAct {
  readonly mid: string;
  readonly actor: string;
}

const LIFETIME_MS = 7 * 86_400_000;

/**
 * Returns the mid to look for from now on. `due`: it was open and is tried now. `reopened`: it had expired or was given
 * up, and goes on under the same mid, so that a peer that had it after all answers as it did. `new-message`: the peer
 * had refused it; that stands, and the same envelope goes out as another message for the peer to judge.
 * Throws delivery.not-found, delivery.state, grant.refused.
 */
export async function retryDelivery(
  deps: QueueDeps,
  act: QueueAct,
): Promise<{ readonly mid: string; readonly as: 'due' | 'reopened' | 'new-message' }> {
  const done = await deps.database.transaction(async (tx) => {
    const found = await demandDelivery(tx, act.mid);
    if (found.state === 'acked') throw new GatewayError('delivery.state', 'it was delivered');
    if (found.state === 'refused') return sendAnew(tx, deps, { found, act });
    if (found.state !== 'expired' && found.state !== 'given-up') return tryNow(tx, deps, found);
    return reopen(tx, deps, { found, act });
  });
  if (done.key !== undefined) await deps.ledger.settle(done.key);
  deps.kickDelivery();
  return { mid: done.mid, as: done.as };
}

export async function demandDelivery(tx: Queryable, mid: string): Promise<DeliveryDetail> {
  const found = await findDelivery(tx, mid, 'lock');
  if (found === undefined) throw new GatewayError('delivery.not-found', `no delivery ${mid}`);
  return found;
}

interface Retrying {
  readonly found: DeliveryDetail;
  readonly act: QueueAct;
}

async function tryNow(tx: Queryable, deps: QueueDeps, { mid, waitsFor }: DeliveryDetail) {
  if (waitsFor.length > 0) {
    const [first] = waitsFor;
    throw new GatewayError(
      'delivery.state',
      `it waits for ${waitsFor.join(', ')}; retry or give up that one`,
      {
        facts: { waitsFor: first },
      },
    );
  }
  await makeDue(tx, mid, deps.clock());
  return { mid, as: 'due' as const, key: undefined };
}

async function reopen(tx: Queryable, deps: QueueDeps, { found, act }: Retrying) {
  const now = deps.clock();
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  await reopenDelivery(tx, found.mid, { now, expiresAt });
  const key = await deps.ledger.append(tx, actEntry(deps, found, { kind: 'message.requeued', ...act }));
  return { mid: found.mid, as: 'reopened' as const, key };
}

async function sendAnew(tx: Queryable, deps: QueueDeps, { found, act }: Retrying) {
  if (found.settledAt !== null)
    throw new GatewayError('delivery.state', 'this refusal was answered for before');
  const sealed = parseStrictJson(Buffer.from(found.sealed, 'utf8')) as unknown as SealedEnvelope;
  const content = parseStrictJson(decodeBase64url(sealed.payload)) as unknown as EnvelopeContent;
  const { recipient, personal, mid } = found;
  const [queued] = await enqueue(tx, deps, {
    ...{ sealed, content, personal, recipients: [recipient], actor: act.actor },
    ...(found.stream === null ? {} : { stream: found.stream }),
  });
  if (queued === undefined) throw new GatewayError('internal', 'one recipient, no delivery');
  await settleDeadLetter(tx, mid, deps.clock());
  await deps.ledger.append(tx, actEntry(deps, found, { kind: 'message.requeued', ...act }));
  return { mid: queued.mid, as: 'new-message' as const, key: queued.offerKey };
}

/** What somebody did about a message that had not arrived. */
export function actEntry(
  deps: Pick<QueueDeps, 'member' | 'registry' | 'clock'>,
  delivery: DeliveryDetail,
  act: { readonly kind: string; readonly actor: string; readonly code?: string },
): EntryDraft {
  const { serial, sha256 } = deps.registry.current();
  const { recipient, kind, envelopeId, payloadSha256, group, purpose, legalBasis, mid, lastCode } = delivery;
  const code = act.code ?? lastCode;
  return {
    id: newId(),
    at: deps.clock().toISOString(),
    kind: act.kind,
    member: deps.member,
    peer: recipient,
    group,
    purpose,
    basis: legalBasis,
    registry: { serial, sha256 },
    subject: { type: kind, id: envelopeId, sha256: payloadSha256 },
    pair: { peer: recipient, dir: 'out' },
    mid,
    actor: act.actor,
    ...(code === null ? {} : { code }),
  };
}
