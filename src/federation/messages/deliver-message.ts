/** One attempt at one delivery: reconcile if its outcome is unknown, send, hold the answer against the offer. */
import type { JsonObject } from '../../core/canonical.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Database } from '../../storage/database.ts';
import type { Disclosed } from '../../wire/disclosure.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import type { ReadAcceptance } from './acceptance-answer.ts';
import { askStatus } from './ask-status.ts';
import { acceptanceOf } from './judge-acceptance.ts';
import type { SealStatement } from '../undelivered/statement.ts';
import { outcomeOf, outcomeOfFailure, type Outcome } from './delivery-outcome.ts';
import type { ClaimedDelivery } from '../delivery/delivery-store.ts';
import type { PeerAnswer, PeerClient } from '../peers/peer-client.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';

export interface DeliveryDeps {
  readonly member: MemberId;
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'origin' | 'append' | 'settle' | 'find'>;
  readonly registry: Pick<RegistryKeeper, 'current' | 'at' | 'refresh'>;
  readonly client: Pick<PeerClient, 'call'>;
  /** Asked at send time, because the outbox keeps no personal value. The same order every time: retries are byte-identical. */
  readonly disclosedOf: (envelopeId: string) => Promise<Disclosed>;
  readonly clock: Clock;
  /** Signs what is said of a message that was not delivered. Missing: nothing is said. */
  readonly sealStatement?: SealStatement;
  /** After the closing entry is durable; must not throw. */
  readonly onAcknowledged?: (acknowledged: Acknowledged) => void;
  readonly onError?: (error: unknown) => void;
  /** Each attempt, when its outcome is known; must not throw. */
  readonly onAttempt?: (attempt: DeliveryAttempt) => void;
  /** Each delivery that outlived its time; must not throw. */
  readonly onExpired?: (delivery: Pick<ClaimedDelivery, 'mid' | 'kind' | 'recipient'>) => void;
}

export interface DeliveryAttempt {
  readonly mid: string;
  readonly kind: string;
  readonly peer: MemberId;
  readonly attempt: number;
  readonly outcome: 'accepted' | 'refused' | 'retry';
  /** Of a refusal or a failure. */
  readonly code: string | undefined;
  readonly seconds: number;
}

export interface Acknowledged {
  readonly mid: string;
  readonly envelopeId: string;
  readonly kind: string;
  readonly recipient: MemberId;
  /** The peer's signed answer. */
  readonly body: JsonObject;
}

export type AttemptOutcome =
  | Exclude<Outcome, { kind: 'accepted' }>
  | ({ readonly kind: 'accepted'; readonly answer: PeerAnswer } & ReadAcceptance);

export async function attemptDelivery(
  deps: DeliveryDeps,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  try {
    const offer = await offerOf(deps, delivery);
    const known = delivery.outcomeUnknown ? await reconcile(deps, delivery, signal) : undefined;
    const answer = await send(deps, { delivery, offer, signal });
    const outcome = outcomeOf(answer);
    if (outcome.kind !== 'accepted') return alreadyAccepted(outcome, known) ?? outcome;
    return { kind: 'accepted', answer, ...(await acceptanceOf(deps, delivery, { answer, offer })) };
  } catch (error) {
    return outcomeOfFailure(error);
  }
}

async function offerOf(deps: DeliveryDeps, delivery: ClaimedDelivery): Promise<EntryRef> {
  const offer = await deps.ledger.find(delivery.offerKey);
  if (offer === undefined)
    throw new GatewayError('internal', `offer of ${delivery.mid} is not in the ledger`);
  const { origin, index, leaf, size, root } = offer;
  return { origin, index, leaf, size, root };
}

interface Sending {
  readonly delivery: ClaimedDelivery;
  readonly offer: EntryRef;
  readonly signal: AbortSignal;
}

async function send(deps: DeliveryDeps, { delivery, offer, signal }: Sending): Promise<PeerAnswer> {
  return deps.client.call({
    to: delivery.recipient,
    path: '/x/v1/messages',
    group: delivery.group,
    purpose: delivery.purpose,
    mid: delivery.mid,
    body: await bodyOf(deps, delivery),
    schema: `${delivery.schemaId}#${delivery.schemaSha256}`,
    offer,
    signal,
  });
}

/** The sealed envelope as it was stored; spliced in behind it the disclosures, and which of them were erased. */
export async function bodyOf(
  deps: Pick<DeliveryDeps, 'disclosedOf'>,
  delivery: Pick<ClaimedDelivery, 'personal' | 'sealed' | 'envelopeId'>,
): Promise<Buffer> {
  if (!delivery.personal) return Buffer.from(delivery.sealed, 'utf8');
  const { disclosures, erased } = await deps.disclosedOf(delivery.envelopeId);
  const pairs = disclosures.map(({ salt, value }) => ({ salt, value }));
  const beside = [
    pairs.length === 0 ? '' : `,"disclosures":${JSON.stringify(pairs)}`,
    erased.length === 0 ? '' : `,"erased":${JSON.stringify(erased)}`,
  ];
  return Buffer.from(`${delivery.sealed.slice(0, -1)}${beside.join('')}}`, 'utf8');
}

/** The peer's signed word on a message whose outcome we don't know. */
interface KnownStatus {
  readonly answer: PeerAnswer;
  readonly counter: EntryRef;
}

/**
 * Undefined when the peer does not have it. When it does, sending again brings the stored answer with its proof;
 * the status answer itself stands in only where that can no longer be had.
 */
async function reconcile(
  deps: DeliveryDeps,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<KnownStatus | undefined> {
  const { mid, recipient: peer } = delivery;
  try {
    const { answer, accepted } = await askStatus(deps, { peer, mids: [mid], signal });
    const counter = accepted.get(mid);
    return counter === undefined ? undefined : { answer, counter };
  } catch (error) {
    // A peer that refuses to tell may still judge the message itself.
    if (isGatewayError(error, 'exchange.refused-by-peer')) return undefined;
    throw error;
  }
}

/** After an erasure the disclosures are gone and the bytes can't be the same: what the peer has stands. */
function alreadyAccepted(outcome: Outcome, known: KnownStatus | undefined): AttemptOutcome | undefined {
  if (known === undefined || outcome.kind !== 'refused' || outcome.code !== 'exchange.id-conflict')
    return undefined;
  const { answer, counter } = known;
  const body = parseStrictJson(answer.body) as JsonObject;
  return { kind: 'accepted', answer, body, counter };
}
