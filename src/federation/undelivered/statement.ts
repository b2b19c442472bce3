/** Pure: our signed statement that a message was not delivered, by what we know and in the form of an envelope. */
import type { JsonObject } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import { newId } from '../../core/ids.ts';
import type { EntryDraft, EntryRef } from '../../ledger/entry.ts';
import { sealEnvelope, type EnvelopeContent, type SealedEnvelope } from '../../wire/envelope.ts';
import type { SigningKey } from '../../wire/jws.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import type { ClaimedDelivery } from '../delivery/delivery-store.ts';
import type { PeerAnswer } from '../peers/peer-client.ts';
import type { RegistryView } from '../registry/registry-view.ts';

export const UNDELIVERED = 'undelivered';
export const UNDELIVERED_SCHEMA = 'urn:lianzheng:schema:undelivered:1.0.0';

/** What the peer said when it was asked for the last time; a code where it gave no answer that counts. */
export type LastWord =
  | {
      readonly at: Date;
      readonly answer: PeerAnswer;
      /** It says that it has accepted, but brought no proof that holds. */
      readonly accepted?: EntryRef;
    }
  | { readonly at: Date; readonly code: string };

export interface UndeliveredFacts {
  readonly delivery: ClaimedDelivery;
  readonly end: 'expired' | 'given-up';
  /** Missing: there was no need to ask, the outcome is known. */
  readonly lastWord?: LastWord;
  readonly offer: EntryRef;
  /** Id of the ledger entry that closes the delivery. */
  readonly closing: string;
  readonly reason?: string;
}

export interface Statement {
  readonly id: string;
  readonly sealed: SealedEnvelope;
  /** Of the signed bytes, hex. */
  readonly sha256: string;
}

export type SealStatement = (facts: UndeliveredFacts, view: RegistryView, now: Date) => Promise<Statement>;

export function statementSealer(deps: {
  readonly member: string;
  readonly sealKey: SigningKey;
  readonly schemas: SchemaRegistry;
}): SealStatement {
  return async (facts, view, now) => {
    const content = contentOf(facts, view, now, deps);
    deps.schemas.validate(UNDELIVERED_SCHEMA, content.body);
    const sealed = await sealEnvelope(content, deps.sealKey);
    return { id: content.id, sealed, sha256: sha256Hex(Buffer.from(sealed.payload, 'base64url')) };
  };
}

function contentOf(
  facts: UndeliveredFacts,
  { serial, sha256 }: RegistryView,
  now: Date,
  deps: { readonly member: string; readonly schemas: SchemaRegistry },
): EnvelopeContent {
  const { group, purpose, legalBasis } = facts.delivery;
  return {
    id: newId(),
    kind: UNDELIVERED,
    version: 1,
    issuer: deps.member,
    group,
    createdAt: now.toISOString(),
    purpose,
    legalBasis,
    schema: { id: UNDELIVERED_SCHEMA, sha256: deps.schemas.digest(UNDELIVERED_SCHEMA) },
    registry: { serial, sha256 },
    body: bodyOf(facts),
  };
}

function bodyOf({ delivery, end, lastWord, offer, closing, reason }: UndeliveredFacts): JsonObject {
  const { mid, recipient, envelopeId, kind, payloadSha256, attempts } = delivery;
  return {
    mid,
    recipient,
    message: { id: envelopeId, kind, sha256: payloadSha256 },
    end,
    outcome: outcomeKnown(delivery, lastWord) ? 'not-accepted' : 'unknown',
    attempts,
    queuedAt: delivery.createdAt.toISOString(),
    expiresAt: delivery.expiresAt.toISOString(),
    ...(delivery.firstSentAt === null ? {} : { firstAttemptAt: delivery.firstSentAt.toISOString() }),
    ...(delivery.lastSentAt === null ? {} : { lastAttemptAt: delivery.lastSentAt.toISOString() }),
    ...(delivery.lastCode === null ? {} : { lastCode: delivery.lastCode }),
    ...(lastWord === undefined ? {} : { asked: askedOf(lastWord) }),
    offer: { ...offer },
    closing,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A peer that answers, signed, that it has no such message settles the matter; one that is silent does not. */
export function outcomeKnown({ outcomeUnknown }: ClaimedDelivery, lastWord?: LastWord): boolean {
  return (
    !outcomeUnknown || (lastWord !== undefined && 'answer' in lastWord && lastWord.accepted === undefined)
  );
}

function askedOf(word: LastWord): JsonObject {
  const at = word.at.toISOString();
  if ('code' in word) return { at, code: word.code };
  const { accepted, answer } = word;
  return {
    at,
    token: sha256Hex(answer.token),
    ...(accepted === undefined ? {} : { accepted: { ...accepted } }),
  };
}

/** The entry that holds the statement fast in our ledger. */
export function statementEntry(
  { delivery, lastWord }: UndeliveredFacts,
  statement: Statement,
  by: { readonly member: string; readonly view: RegistryView; readonly now: Date; readonly actor: string },
): EntryDraft {
  const { serial, sha256 } = by.view;
  return {
    id: newId(),
    at: by.now.toISOString(),
    kind: 'delivery.evidence',
    member: by.member,
    peer: delivery.recipient,
    group: delivery.group,
    purpose: delivery.purpose,
    basis: delivery.legalBasis,
    registry: { serial, sha256 },
    subject: { type: UNDELIVERED, id: statement.id, sha256: statement.sha256 },
    mid: delivery.mid,
    actor: by.actor,
    ...(lastWord !== undefined && 'answer' in lastWord ? { token: sha256Hex(lastWord.answer.token) } : {}),
  };
}
