/** One untrusted feature: strict JSON, schema, type, normal form, times. */
import type { JsonValue } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import { FEATURE_SCHEMA, type FeatureFacts, type FeatureLine, type Mutable } from '../feature.ts';
import { featureValue, type FeatureType } from '../feature-type.ts';
import { MAX_LINE_BYTES } from './lines.ts';
import { checkTimes, normalTime } from './times.ts';

/** A feature that may be signed, value in normal form and still in clear. `facts` is the taker's to complete. */
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
  const line = input as FeatureLine;
  const value = featureValue(line.type, line.value);
  return { type: line.type as FeatureType, value, facts: factsOf(line, now) };
}

/** Member by member: spreads and rests were a fifth of the time of a push. */
function factsOf(line: FeatureLine, now: Date): FeatureFacts {
  const lastSeen = normalTime(line.lastSeen ?? now);
  const facts: Mutable<FeatureFacts> = {
    confidence: line.confidence ?? DEFAULTS.confidence,
    firstSeen: line.firstSeen === undefined ? lastSeen : normalTime(line.firstSeen),
    grade: line.grade ?? DEFAULTS.grade,
    lastSeen,
    tlp: line.tlp ?? DEFAULTS.tlp,
  };
  if (line.validFrom !== undefined) facts.validFrom = normalTime(line.validFrom);
  if (line.validUntil !== undefined) facts.validUntil = normalTime(line.validUntil);
  if (line.context !== undefined) facts.context = line.context;
  if (line.source !== undefined) facts.source = line.source;
  if (line.counterIndications !== undefined) facts.counterIndications = line.counterIndications;
  if (line.evidence !== undefined) facts.evidence = line.evidence;
  if (line.supersedes !== undefined) facts.supersedes = line.supersedes;
  checkTimes(facts, now);
  return facts;
}
