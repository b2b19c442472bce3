/** One feature of a peer's batch, checked against what it must be here. */
import { GatewayError, isGatewayError } from '../core/errors.ts';
import type { InboundMessage } from '../federation/inbox.ts';
import type { Disclosure } from '../wire/disclosure.ts';
import type { FeatureDeps } from './deps.ts';
import { detailOf, type BatchItem, type SignedFeature } from './feature.ts';
import { isPersonal, normaliseValue } from './feature-type.ts';
import { checkForeignTimes } from './intake/times.ts';
import { lookupOf } from './lookup.ts';

export interface Given {
  readonly feature: SignedFeature;
  readonly at: number;
  readonly disclosures: ReadonlyMap<string, Disclosure>;
  readonly withheld: ReadonlySet<string>;
}

/** A value that is not in its normal form would never be found, or would be found as something else. */
export function checkedItem(
  deps: Pick<FeatureDeps, 'indexKey'>,
  message: InboundMessage,
  { feature, at, disclosures, withheld }: Given,
): BatchItem {
  const { type, commitment } = feature;
  const known = commitment === undefined || !withheld.has(commitment);
  const disclosure = commitment === undefined ? undefined : disclosures.get(commitment);
  const value = disclosure?.value ?? feature.value ?? '';
  try {
    if (isPersonal(type) !== (commitment !== undefined)) throw invalid(`${type} is in the wrong place`);
    if (known && normaliseValue(type, value) !== value) throw invalid(`${type} is not in its normal form`);
    checkForeignTimes(feature, message.receivedAt);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    throw new GatewayError('feature.invalid', `feature ${at}: ${error.message}`, { facts: { feature: at } });
  }
  const detail = detailOf(feature);
  if (!known) return { signed: feature, detail };
  const lookup = lookupOf(deps.indexKey, type, value);
  return disclosure === undefined
    ? { signed: feature, lookup, detail }
    : { signed: feature, lookup, detail, disclosure };
}

function invalid(message: string): GatewayError {
  return new GatewayError('feature.invalid', message);
}
