/** Check 9: strict JSON, then the schema of the endpoint. */
import type { JsonObject, JsonValue } from '../../../core/canonical.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { SchemaRegistry } from '../../../wire/schema-registry.ts';
import { parseStrictJson } from '../../../wire/json/strict-json.ts';

export function checkJson(bytes: Buffer): JsonValue {
  return parseStrictJson(bytes);
}

/** For endpoints with one schema of their own; `sch` is `-` or names exactly it. */
export function checkShape(
  value: JsonValue,
  schema: { readonly id: string; readonly claim: string },
  schemas: SchemaRegistry,
): JsonObject {
  if (schema.claim !== '-' && schema.claim !== `${schema.id}#${schemas.digest(schema.id)}`) {
    throw new GatewayError('schema.unknown', `expected sch "-" or ${schema.id} with our digest`);
  }
  schemas.validate(schema.id, value);
  return value as JsonObject;
}
