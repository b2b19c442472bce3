/** Bearer tokens of the member's own OAuth issuer (RFC 6750, RFC 9068), for the member plane only. */
import { readFileSync } from 'node:fs';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { GatewayError } from '../core/errors.ts';
import { decodeBase64url } from './base64url.ts';
import { isObject } from './json/json-form.ts';
import { parseStrictJson } from './json/strict-json.ts';

/** Fetches a key set; how it may connect is not this room's to know. */
export type KeySetFetcher = (url: string) => Promise<Response>;

export interface BearerSettings {
  readonly issuer: string;
  readonly audience: string;
  /** The issuer's public keys: a file (read again when a key is not in it, so that rotation needs no restart) or an https URL. */
  readonly jwks: { readonly file: string } | { readonly url: string; readonly fetch: KeySetFetcher };
}

export interface BearerSubject {
  readonly subject: string;
  readonly scopes: string[];
}

export interface BearerVerifier {
  /** Throws `auth.token-missing` or `auth.token-invalid`; scopes are the caller's to check. */
  verify(token: string): Promise<BearerSubject>;
}

/** Asymmetric only. RS256 because many issuers that members already run sign nothing else. */
const ALGORITHMS = ['Ed25519', 'EdDSA', 'ES256', 'PS256', 'RS256'];
/** RFC 8725 section 3.11; `JWT` for issuers that do not type access tokens. An exchange token is never a bearer token. */
const TYPES: readonly unknown[] = ['at+jwt', 'application/at+jwt', 'JWT'];
const TOKEN_BYTES = 8192;
const SKEW_SECONDS = 10;

export function createBearerVerifier(settings: BearerSettings): BearerVerifier {
  const keys = 'file' in settings.jwks ? fileKeys(settings.jwks.file) : remoteKeys(settings.jwks);
  return {
    verify: async (token) => {
      if (token === '') throw new GatewayError('auth.token-missing');
      gate(token);
      return subjectOf(await verified(token, settings, keys));
    },
  };
}

/** Untrusted text: jose forgives stray bits and duplicate keys, this does not. */
function gate(token: string): void {
  const segments = token.length > TOKEN_BYTES ? [] : token.split('.');
  const [header = '', payload = ''] = segments;
  if (segments.length !== 3)
    throw new GatewayError('auth.token-invalid', 'expected a compact JWS of at most 8 KiB');
  try {
    for (const segment of segments) decodeBase64url(segment);
    const head = parseStrictJson(decodeBase64url(header));
    parseStrictJson(decodeBase64url(payload));
    if (isObject(head) && TYPES.includes(head['typ'] ?? 'JWT')) return;
  } catch (cause) {
    throw new GatewayError('auth.token-invalid', 'expected canonical base64url and strict JSON', { cause });
  }
  throw new GatewayError('auth.token-invalid', 'expected typ at+jwt');
}

async function verified(token: string, settings: BearerSettings, keys: JWTVerifyGetKey): Promise<JWTPayload> {
  try {
    const { issuer, audience } = settings;
    const options = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: SKEW_SECONDS };
    const { payload } = await jwtVerify(token, keys, { ...options, requiredClaims: ['exp', 'sub'] });
    return payload;
  } catch (cause) {
    const why = cause instanceof errors.JOSEError ? cause.message : 'the keys of the issuer cannot be read';
    throw new GatewayError('auth.token-invalid', why, { cause });
  }
}

function subjectOf(payload: JWTPayload): BearerSubject {
  const { scope, scp, sub } = payload as { scope?: unknown; scp?: unknown; sub: string };
  const listed = Array.isArray(scp) ? scp.filter((one): one is string => typeof one === 'string') : [];
  return {
    subject: sub,
    scopes: typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : listed,
  };
}

function fileKeys(file: string): JWTVerifyGetKey {
  let keys = readKeySet(file);
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      keys = readKeySet(file);
      return keys(header, token);
    }
  };
}

function readKeySet(file: string): JWTVerifyGetKey {
  return createLocalJWKSet(parseStrictJson(readFileSync(file)) as unknown as JSONWebKeySet);
}

function remoteKeys({
  url,
  fetch,
}: {
  readonly url: string;
  readonly fetch: KeySetFetcher;
}): JWTVerifyGetKey {
  if (!url.startsWith('https://')) {
    throw new GatewayError('config.invalid', `memberPlane.jwks: expected an https URL or a file, got ${url}`);
  }
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: 5000,
    cacheMaxAge: 600_000,
    [customFetch]: (target) => fetch(target),
  });
}
