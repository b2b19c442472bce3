/** Reads what the strict gate refused, to show it and to go on looking; nothing is ever accepted by it. */
import type { JsonObject } from '../../../core/canonical.ts';

/** An empty object where there is nothing to be read. */
export function decodeProtectedHeader(segment: string): JsonObject {
  return looseObject(Buffer.from(segment, 'base64url'));
}

export function looseObject(bytes: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  } catch {
    return {};
  }
}
