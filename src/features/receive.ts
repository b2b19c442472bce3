/** A peer's batch: nothing is taken on trust, and one bad feature refuses the whole of what was signed together. */
import { GatewayError } from '../core/errors.ts';
import type { Acceptance, InboundMessage, InboxHandler } from '../federation/inbox.ts';
import type { Queryable } from '../storage/database.ts';
import { matchDisclosures } from '../wire/disclosure.ts';
import type { EnvelopeContent } from '../wire/envelope.ts';
import { checkedItem } from './checked-item.ts';
import { commitmentRoot } from './commitments.ts';
import type { FeatureDeps } from './deps.ts';
import { keepErasuresOut } from './erasure/turns-store.ts';
import { erasedBefore } from './erasure/tombstone-store.ts';
import type { BatchItem, FeatureBatch, SignedFeature } from './feature.ts';
import { insertBatches } from './feature-store.ts';
import { inboundKey } from './inbound-key.ts';
import { pushPermit } from './intake/permits.ts';

type ReceiveDeps = Pick<FeatureDeps, 'indexKey' | 'registry' | 'clock'>;

/** For kind `feature-batch`; the inbox has checked the schema, the signature and the grant of the class of message. */
export function featureBatchHandler(deps: ReceiveDeps): InboxHandler {
  return {
    right: 'push',
    grade: (content) => gradeOf(featuresOf(content)),
    personal: (content) => featuresOf(content).some((feature) => feature.commitment !== undefined),
    accept: async (tx, message) => (await accept(deps, tx, [message]))[0] as Acceptance,
    judge: (message) => void batchOf(deps, message, new Set()),
    acceptTogether: (tx, messages) => accept(deps, tx, messages),
  };
}

/** Throws envelope.disclosure-invalid, feature.invalid, grant.refused, exchange.id-conflict. */
async function accept(
  deps: ReceiveDeps,
  tx: Queryable,
  messages: readonly InboundMessage[],
): Promise<readonly Acceptance[]> {
  const erased = await erasedAmong(tx, messages);
  const batches = messages.map((message) => batchOf(deps, message, erased));
  const stored = await insertBatches(tx, batches);
  return batches.map(({ id, items }, i) => {
    const root = commitmentRoot(items.flatMap(({ signed }) => signed.commitment ?? []));
    const subject = { type: 'feature-batch', id };
    const result = { accepted: stored[i]?.added ?? 0, duplicates: stored[i]?.sighted ?? 0 };
    return root === undefined
      ? { subject, result, personal: false }
      : { subject, commitments: root, result, personal: true };
  });
}

/** Features whose erasure overtook their batch: the issuer had sent it before it knew. */
async function erasedAmong(tx: Queryable, messages: readonly InboundMessage[]): Promise<ReadonlySet<string>> {
  const personal = messages.filter(({ disclosures }) => disclosures.length > 0);
  const [first] = personal;
  if (first === undefined) return new Set();
  const envelopes = personal.map(({ content }) => content.id);
  const [, erased] = await Promise.all([keepErasuresOut(tx), erasedBefore(tx, first.from, envelopes)]);
  return erased;
}

/** What is checked before anything is stored. */
function batchOf(deps: ReceiveDeps, message: InboundMessage, erased: ReadonlySet<string>): FeatureBatch {
  const { content, from } = message;
  const features = featuresOf(content);
  demandGrade(deps, message, features);

  const commitments = features.flatMap((feature) => feature.commitment ?? []);
  const withheld = withheldOf(message, commitments);
  const disclosures = matchDisclosures(
    commitments.filter((commitment) => !withheld.has(commitment)),
    message.disclosures,
  );
  return {
    id: content.id,
    issuer: from,
    group: content.group,
    purpose: content.purpose,
    createdAt: content.createdAt,
    receivedAt: message.receivedAt,
    ledgerKey: inboundKey(message),
    grant: message.grant,
    items: features.map((feature, at) => {
      const item = checkedItem(deps, message, { feature, at, disclosures, withheld });
      return erased.has(feature.id) ? withoutValue(item) : item;
    }),
  };
}

/** The sender names what it erased before sending; anything else that lacks its disclosure is refused. */
function withheldOf({ erased }: InboundMessage, commitments: readonly string[]): ReadonlySet<string> {
  const signed = new Set(commitments);
  if (erased.every((commitment) => signed.has(commitment))) return new Set(erased);
  throw new GatewayError('envelope.disclosure-invalid', 'erased names a commitment that is not in the batch');
}

function withoutValue(item: BatchItem): BatchItem {
  if (item.disclosure === undefined) return item;
  return { signed: item.signed, detail: item.detail };
}

function featuresOf(content: EnvelopeContent): readonly SignedFeature[] {
  // schemas/feature-batch.json has made it this.
  return (content.body as unknown as { readonly features: readonly SignedFeature[] }).features;
}

/** The inbox has asked; what a handler is given by others than the inbox is asked again. */
function demandGrade(deps: ReceiveDeps, message: InboundMessage, features: readonly SignedFeature[]): void {
  const { group, purpose, legalBasis } = message.content;
  const permit = pushPermit({ ...deps, member: message.from }, { group, purpose, legalBasis });
  permit({
    personal: message.disclosures.length > 0,
    grade: gradeOf(features),
  });
}

function gradeOf(features: readonly SignedFeature[]): number {
  return Math.max(...features.map((feature) => feature.grade));
}
