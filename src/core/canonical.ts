/** Canonical JSON (RFC 8785): the one byte form of a value that is signed or hashed. */
import canonicalize from 'canonicalize';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Returns the RFC 8785 text. Throws a TypeError on values that JSON cannot carry (NaN, lone surrogates). */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return text;
}

/** Returns the RFC 8785 form as UTF-8 bytes. */
export function canonicalBytes(value: unknown): Buffer {
  return Buffer.from(canonicalJson(value), 'utf8');
}

/**
 * Whether `bytes`, which `value` was parsed from, are its RFC 8785 form. Where the members come in order already, that
 * form is what JSON.stringify makes; all else is asked of the library, which sorts.
 */
export function isCanonical(value: unknown, bytes: Uint8Array): boolean {
  if (!isOrdered(value)) return canonicalBytes(value).equals(bytes);
  return Buffer.from(JSON.stringify(value), 'utf8').equals(bytes);
}

/** Members of every object by their UTF-16 code units, as section 3.2.3 wants them. */
function isOrdered(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(isOrdered);
  let last: string | undefined;
  for (const key of Object.keys(value)) {
    if (last !== undefined && last > key) return false;
    if (!isOrdered((value as Readonly<Record<string, unknown>>)[key])) return false;
    last = key;
  }
  return true;
}
