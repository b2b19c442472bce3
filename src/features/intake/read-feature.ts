/** One untrusted feature: strict JSON, schema, type, normal form, times. */
import type { JsonValue } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { parseStrictJson } from '../../wire/strict-json.ts';
import { FEATURE_SCHEMA, type FeatureFacts, type FeatureLine } from '../feature.ts';
import { featureValue, type FeatureType } from '../feature-type.ts';
import { MAX_LINE_BYTES } from './lines.ts';
import { checkTimes, normalTime } from './times.ts';

/** A feature that may be signed, value in normal form and still in clear. */
export interface ReadFeature {
  readonly type: FeatureType;
  readonly value: string;
  readonly facts: FeatureFacts;
}

/** What is assumed of a feature that does not say it; version 1. */
const DEFAULTS = { confidence: 50, tlp: 'amber', grade: 2 } as const;

/** Throws json.*, feature.invalid, and what readFeature throws. */
export function readLine(line: Uint8Array | string, schemas: SchemaRegistry, now: Date): ReadFeature {
  const bytes = typeof line === 'string' ? Buffer.from(line, 'utf8') : line;
  if (bytes.length > MAX_LINE_BYTES) {
    throw new GatewayError('feature.invalid', `a line may have ${MAX_LINE_BYTES} bytes`);
  }
  return readFeature(parseStrictJson(bytes), schemas, now);
}

/** Throws schema.invalid, feature.type-unknown, feature.invalid. */
export function readFeature(input: JsonValue, schemas: SchemaRegistry, now: Date): ReadFeature {
  schemas.validate(FEATURE_SCHEMA, input);
  const { type, value, ...given } = input as FeatureLine;
  const normal = featureValue(type, value);
  return { type: type as FeatureType, value: normal, facts: factsOf(given, now) };
}

function factsOf(given: Partial<FeatureFacts>, now: Date): FeatureFacts {
  const { firstSeen, validFrom, validUntil } = given;
  const lastSeen = given.lastSeen === undefined ? now.toISOString() : normalTime(given.lastSeen);
  const facts: FeatureFacts = {
    ...DEFAULTS,
    ...given,
    lastSeen,
    firstSeen: firstSeen === undefined ? lastSeen : normalTime(firstSeen),
    ...(validFrom === undefined ? {} : { validFrom: normalTime(validFrom) }),
    ...(validUntil === undefined ? {} : { validUntil: normalTime(validUntil) }),
  };
  checkTimes(facts, now);
  return facts;
}
