/** A peer's batch: nothing is taken on trust, and one bad feature refuses the whole of what was signed together. */
import { GatewayError, isGatewayError } from '../core/errors.ts';
import type { Acceptance, InboundMessage, InboxHandler } from '../federation/inbox.ts';
import type { Queryable } from '../storage/database.ts';
import { matchDisclosures, type Disclosure } from '../wire/disclosure.ts';
import type { EnvelopeContent } from '../wire/envelope.ts';
import { commitmentRoot } from './commitments.ts';
import type { FeatureDeps } from './deps.ts';
import { detailOf, type BatchItem, type FeatureBatch, type SignedFeature } from './feature.ts';
import { insertBatches } from './feature-store.ts';
import { isPersonal, normaliseValue } from './feature-type.ts';
import { inboundKey } from './inbound-key.ts';
import { pushPermit } from './intake/permits.ts';
import { checkForeignTimes } from './intake/times.ts';
import { lookupOf } from './lookup.ts';

type ReceiveDeps = Pick<FeatureDeps, 'indexKey' | 'registry' | 'clock'>;

/** For kind `feature-batch`; the inbox has checked the schema, the signature and the grant of the class of message. */
export function featureBatchHandler(deps: ReceiveDeps): InboxHandler {
  return {
    right: 'push',
    personal: (content) => featuresOf(content).some((feature) => feature.commitment !== undefined),
    accept: async (tx, message) => (await accept(deps, tx, [message]))[0] as Acceptance,
    acceptTogether: (tx, messages) => accept(deps, tx, messages),
  };
}

/** Throws envelope.disclosure-invalid, feature.invalid, grant.refused, exchange.id-conflict. */
async function accept(
  deps: ReceiveDeps,
  tx: Queryable,
  messages: readonly InboundMessage[],
): Promise<readonly Acceptance[]> {
  const batches = messages.map((message) => batchOf(deps, message));
  const stored = await insertBatches(tx, batches);
  return batches.map(({ id, items }, i) => {
    const root = commitmentRoot(items.flatMap(({ signed }) => signed.commitment ?? []));
    return {
      subject: { type: 'feature-batch', id },
      ...(root === undefined ? {} : { commitments: root }),
      result: { accepted: stored[i]?.added ?? 0, duplicates: stored[i]?.sighted ?? 0 },
      personal: root !== undefined,
    };
  });
}

/** What is checked before anything is stored. */
function batchOf(deps: ReceiveDeps, message: InboundMessage): FeatureBatch {
  const { content, from } = message;
  const features = featuresOf(content);
  demandGrade(deps, message, features);

  const commitments = features.flatMap((feature) => feature.commitment ?? []);
  const disclosures = matchDisclosures(commitments, message.disclosures);
  return {
    id: content.id,
    issuer: from,
    group: content.group,
    purpose: content.purpose,
    createdAt: content.createdAt,
    receivedAt: message.receivedAt,
    ledgerKey: inboundKey(message),
    items: features.map((feature, at) => checkedItem(deps, message, { feature, at, disclosures })),
  };
}

function featuresOf(content: EnvelopeContent): readonly SignedFeature[] {
  // schemas/feature-batch.json has made it this.
  return (content.body as unknown as { readonly features: readonly SignedFeature[] }).features;
}

/** The inbox asks for the kind of message; what grade is inside is known here. */
function demandGrade(deps: ReceiveDeps, message: InboundMessage, features: readonly SignedFeature[]): void {
  const { group, purpose, legalBasis } = message.content;
  const permit = pushPermit({ ...deps, member: message.from }, { group, purpose, legalBasis });
  permit({
    personal: message.disclosures.length > 0,
    grade: Math.max(...features.map((feature) => feature.grade)),
  });
}

interface Given {
  readonly feature: SignedFeature;
  readonly at: number;
  readonly disclosures: ReadonlyMap<string, Disclosure>;
}

/** A value that is not in its normal form would never be found, or would be found as something else. */
function checkedItem(
  deps: ReceiveDeps,
  message: InboundMessage,
  { feature, at, disclosures }: Given,
): BatchItem {
  const { type, commitment } = feature;
  const disclosure = commitment === undefined ? undefined : disclosures.get(commitment);
  const value = disclosure?.value ?? feature.value ?? '';
  try {
    if (isPersonal(type) !== (disclosure !== undefined)) throw invalid(`${type} is in the wrong place`);
    if (normaliseValue(type, value) !== value) throw invalid(`${type} is not in its normal form`);
    checkForeignTimes(feature, message.receivedAt);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    throw new GatewayError('feature.invalid', `feature ${at}: ${error.message}`, { facts: { feature: at } });
  }
  const lookup = lookupOf(deps.indexKey, type, value);
  return {
    signed: feature,
    lookup,
    detail: detailOf(feature),
    ...(disclosure === undefined ? {} : { disclosure }),
  };
}

function invalid(message: string): GatewayError {
  return new GatewayError('feature.invalid', message);
}
