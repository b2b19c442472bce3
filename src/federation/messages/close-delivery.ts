/** Ends a delivery: its state and its ledger entries in one transaction, whatever the end is. */
import { sha256, sha256Hex } from '../../core/digest.ts';
import { newId } from '../../core/ids.ts';
import type { EntryDraft } from '../../ledger/entry.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Queryable } from '../../storage/database.ts';
import type { AttemptOutcome, DeliveryDeps } from './deliver-message.ts';
import {
  closeDelivery,
  type ClaimedDelivery,
  type ClosedState,
  type Closing,
} from '../delivery/delivery-store.ts';
import type { PeerAnswer } from '../peers/peer-client.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';
import { outcomeKnown, type LastWord } from '../undelivered/statement.ts';
import { stateUndelivered } from '../undelivered/state-undelivered.ts';

/** It ends without an answer of the peer to the message itself. */
export interface Undelivered {
  readonly kind: 'expired' | 'given-up';
  readonly lastWord?: LastWord;
  /** Who gave it up, and why. */
  readonly actor?: string;
  readonly reason?: string;
}

export type FinalOutcome = Exclude<AttemptOutcome, { kind: 'retry' }> | Undelivered;

export interface ClosingDeps extends Pick<DeliveryDeps, 'member' | 'database' | 'clock' | 'sealStatement'> {
  readonly ledger: Pick<Ledger, 'append' | 'find'>;
  readonly registry: Pick<RegistryKeeper, 'current'>;
}

/** The key of the closing entry when this call closed it; undefined when another worker had. */
export function closeWith(
  deps: ClosingDeps,
  delivery: ClaimedDelivery,
  outcome: FinalOutcome,
): Promise<Buffer | undefined> {
  return deps.database.transaction((tx) => close(tx, deps, { delivery, outcome }));
}

interface End {
  readonly delivery: ClaimedDelivery;
  readonly outcome: FinalOutcome;
}

async function close(tx: Queryable, deps: ClosingDeps, end: End): Promise<Buffer | undefined> {
  const { delivery, outcome } = end;
  const at = deps.clock();
  const ledgerKey = closingKey(delivery);
  if (!(await closeDelivery(tx, delivery.mid, { ...closingOf(end), at, ledgerKey }))) return undefined;
  const entry = closingEntry(deps, end, at);
  await deps.ledger.append(tx, entry, ledgerKey);
  if (isUndelivered(outcome)) await stateUndelivered(tx, deps, { delivery, outcome, closing: entry.id, at });
  return ledgerKey;
}

/** A delivery that was opened again is closed again, under another key. */
function closingKey({ mid, requeued }: ClaimedDelivery): Buffer {
  return sha256(requeued === 0 ? `out|${mid}` : `out|${mid}|${requeued}`);
}

function isUndelivered(outcome: FinalOutcome): outcome is Undelivered {
  return outcome.kind === 'expired' || outcome.kind === 'given-up';
}

const states = {
  accepted: 'acked',
  refused: 'refused',
  expired: 'expired',
  'given-up': 'given-up',
} as const satisfies Record<FinalOutcome['kind'], ClosedState>;

function closingOf({ delivery, outcome }: End): Omit<Closing, 'at' | 'ledgerKey'> {
  const state = states[outcome.kind];
  if (isUndelivered(outcome)) {
    const { lastWord } = outcome;
    return {
      state,
      outcomeUnknown: !outcomeKnown(delivery, lastWord),
      ...(delivery.lastCode === null ? {} : { code: delivery.lastCode }),
      ...(lastWord !== undefined && 'answer' in lastWord ? { answer: storedAnswer(lastWord.answer) } : {}),
    };
  }
  const answer = storedAnswer(outcome.answer);
  if (outcome.kind === 'refused') return { state, code: outcome.code, answer };
  return { state, answer, receipt: JSON.stringify(outcome.counter) };
}

function storedAnswer({ status, token, body }: PeerAnswer): NonNullable<Closing['answer']> {
  return { status, token, body: body.toString('utf8') };
}

const kinds = {
  accepted: 'message.acknowledged',
  refused: 'message.refused-by-peer',
  expired: 'message.expired',
  'given-up': 'message.given-up',
} as const;

function closingEntry(deps: ClosingDeps, { delivery, outcome }: End, at: Date): EntryDraft {
  const { serial, sha256: digest } = deps.registry.current();
  return {
    id: newId(),
    at: at.toISOString(),
    kind: kinds[outcome.kind],
    member: deps.member,
    peer: delivery.recipient,
    group: delivery.group,
    purpose: delivery.purpose,
    basis: delivery.legalBasis,
    registry: { serial, sha256: digest },
    subject: { type: delivery.kind, id: delivery.envelopeId, sha256: delivery.payloadSha256 },
    pair: { peer: delivery.recipient, dir: 'out' },
    mid: delivery.mid,
    actor: 'gateway',
    ...endOf(outcome, delivery),
  };
}

/** The answer's token names the request body's digest: left out where that body was personal. */
function endOf(outcome: FinalOutcome, { personal, lastCode }: ClaimedDelivery): Partial<EntryDraft> {
  if (isUndelivered(outcome)) {
    const { actor, reason: code = lastCode } = outcome;
    return { ...(code === null ? {} : { code }), ...(actor === undefined ? {} : { actor }) };
  }
  const token = personal ? {} : { token: sha256Hex(outcome.answer.token) };
  if (outcome.kind === 'accepted') return { ...token, counter: outcome.counter };
  // A signed refusal names the peer's own entry of it, unless a flood was only summarised.
  const { receipt } = outcome.answer;
  return { ...token, code: outcome.code, ...(receipt === null ? {} : { counter: receipt }) };
}
