/** Forms: small predicates over parsed JSON for closed objects whose every member is known and mandatory. */
import type { JsonObject, JsonValue } from '../../core/canonical.ts';

export type Form = (value: JsonValue | undefined) => boolean;

export const text =
  (pattern: RegExp): Form =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
export const count: Form = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const flag: Form = (value) => typeof value === 'boolean';
export const nullOr =
  (form: Form): Form =>
  (value) =>
    value === null || form(value);
export const members =
  (forms: Readonly<Record<string, Form>>): Form =>
  (value) =>
    isObject(value) && misfit(value, forms) === undefined;
export const listOf =
  (form: Form, limit: number): Form =>
  (value) =>
    Array.isArray(value) && value.length <= limit && value.every(form);

/** The first member of `forms` that is missing or malformed in `value`, else the first one beside them. */
export function misfit(value: JsonObject, forms: Readonly<Record<string, Form>>): string | undefined {
  for (const name in forms) if (forms[name]?.(value[name]) !== true) return name;
  const names = Object.keys(value);
  return names.length === Object.keys(forms).length
    ? undefined
    : names.find((name) => !Object.hasOwn(forms, name));
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
