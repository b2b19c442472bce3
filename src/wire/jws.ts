/** JWS (RFC 7515) as this profile uses it: a header of exactly typ, alg and kid; compact and flattened form. */
import type { JsonObject, JsonValue } from '../core/canonical.ts';
import { GatewayError } from '../core/errors.ts';
import { decodeBase64url } from './base64url.ts';
import { isSealAlgorithm, verifySignature } from './keys/seal-key.ts';
import type { SealAlgorithm, SigningKey, VerificationKey } from './keys/seal-key.ts';
import { parseStrictJson } from './json/strict-json.ts';

export { generateSealKey, importSigningKey, thumbprint, verifySignature } from './keys/seal-key.ts';
export type { GeneratedKey, SealAlgorithm, SigningKey, VerificationKey } from './keys/seal-key.ts';

/** Every kind of signed text in the product; RFC 8725 section 3.11: no one stands in for another. */
export type SealType = 'lzx-req+jwt' | 'lzx-res+jwt' | 'lz-env+jws' | 'lz-registry+jws' | 'lz-fresh+jws';

export interface JoseHeader {
  readonly typ: SealType;
  readonly alg: SealAlgorithm;
  readonly kid: string;
}

export interface FlattenedJws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

const KEY_ID = /^[A-Za-z0-9_-]{43}$/;

/**
 * Reads an untrusted protected header. `jwk`, `jku`, `x5c`, `crit`, `b64` and every other member is refused by name
 * count; the algorithm is only compared with the allow-list here, the key decides it.
 */
export function readHeader(encoded: string, typ: SealType): JoseHeader {
  const header = parseHeader(decodeBase64url(encoded));
  if (Object.keys(header).length !== 3 || header['typ'] !== typ) {
    throw new GatewayError('token.header-refused', `expected exactly typ "${typ}", alg and kid`);
  }
  const { alg, kid } = header;
  if (!isSealAlgorithm(alg)) throw new GatewayError('token.algorithm-refused');
  if (typeof kid !== 'string' || !KEY_ID.test(kid)) {
    throw new GatewayError('token.header-refused', 'expected kid to be an RFC 7638 SHA-256 thumbprint');
  }
  return { typ, alg, kid };
}

function parseHeader(bytes: Buffer): JsonObject {
  const value = parseQuietly(bytes);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new GatewayError('token.header-refused', 'expected the header to be a JSON object');
  }
  return value as JsonObject;
}

function parseQuietly(bytes: Buffer): JsonValue {
  try {
    return parseStrictJson(bytes);
  } catch (cause) {
    throw new GatewayError('token.header-refused', 'expected the header to be strict JSON', { cause });
  }
}

export async function signCompact(header: JoseHeader, claims: object, key: SigningKey): Promise<string> {
  const input = `${encodeHeader(header)}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  const signature = await key.sign(Buffer.from(input, 'latin1'));
  return `${input}.${signature.toString('base64url')}`;
}

/** The header of what `key` signs as `typ`. */
export function headerOf(typ: SealType, key: SigningKey): JoseHeader {
  return { typ, alg: key.alg, kid: key.kid };
}

export function encodeHeader(header: JoseHeader): string {
  const { typ, alg, kid } = header;
  return Buffer.from(JSON.stringify({ typ, alg, kid })).toString('base64url');
}

/** Flattened JWS over `payload`; collect several for a general JWS, they share the payload. */
export async function signFlattened(
  typ: SealType,
  payload: Uint8Array,
  key: SigningKey,
): Promise<FlattenedJws> {
  const header = encodeHeader(headerOf(typ, key));
  const body = Buffer.from(payload).toString('base64url');
  const signature = await key.sign(Buffer.from(`${header}.${body}`, 'latin1'));
  return { protected: header, payload: body, signature: signature.toString('base64url') };
}

/** True when `jws` (untrusted; header already read by `readHeader`) verifies with a key of the registered algorithm. */
export async function verifyFlattened(
  jws: FlattenedJws,
  header: JoseHeader,
  key: VerificationKey,
): Promise<boolean> {
  if (header.alg !== key.alg || header.kid !== key.kid) return false;
  const signature = decodeBase64url(jws.signature);
  return verifySignature(key, Buffer.from(`${jws.protected}.${jws.payload}`, 'latin1'), signature);
}
