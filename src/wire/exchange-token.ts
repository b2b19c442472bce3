/** Exchange tokens (`lzx-req+jwt`, `lzx-res+jwt`): read, check against what is known, sign. */
import { hash } from 'node:crypto';
import type { JsonValue } from '../core/canonical.ts';
import { seconds } from '../core/clock.ts';
import { GatewayError, type ErrorCode } from '../core/errors.ts';
import { decodeBase64url } from './base64url.ts';
import { requestForms, responseForms } from './exchange-claims.ts';
import type { RequestClaims, ResponseClaims } from './exchange-claims.ts';
import { isObject, misfit } from './json/json-form.ts';
import { headerOf, readHeader, signCompact, type JoseHeader, type SigningKey } from './jws.ts';
import { parseStrictJson } from './json/strict-json.ts';

export type { LedgerPosition, OfferPosition, RequestClaims, ResponseClaims } from './exchange-claims.ts';

export const TOKEN_BYTES = 4096;
export const TOKEN_SECONDS = 60;
export const DEFAULT_SKEW_SECONDS = 10;

export type TokenType = 'lzx-req+jwt' | 'lzx-res+jwt';

/** A token taken apart. Nothing in it is verified yet. */
export interface ReadToken {
  readonly header: JoseHeader;
  readonly claims: JsonValue;
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

/** What the receiver knows about a request without the token. */
export interface RequestExpectation {
  readonly now: Date;
  readonly skewSeconds: number;
  /** The receiving member. */
  readonly audience: string;
  /** The member that owns the client certificate of this connection. */
  readonly issuer: string;
  readonly method: string;
  /** `https://<registered authority><path>`, never the Host header. */
  readonly target: string;
  /** base64url SHA-256 of the client certificate. */
  readonly certificate: string;
}

/** What the caller knows about the answer it received. */
export interface ResponseExpectation {
  readonly now: Date;
  readonly skewSeconds: number;
  /** The request as it was sent. */
  readonly request: RequestClaims;
  readonly requestToken: string;
  /** base64url SHA-256 of the server certificate of this connection. */
  readonly certificate: string;
  readonly status: number;
  readonly mediaType: string;
  /** `digestClaim` of the bytes received. */
  readonly digest: string;
  readonly length: number;
}

/** Takes untrusted text apart: size, form, strict base64url, JOSE header of exactly this `typ`, strict JSON. */
export function readToken(token: string, typ: TokenType): ReadToken {
  if (token.length > TOKEN_BYTES) throw new GatewayError('token.too-large');
  const [header = '', payload = '', signature = '', beside] = token.split('.');
  if (signature === '' || beside !== undefined) {
    throw new GatewayError('token.base64-invalid', 'expected three base64url segments joined by dots');
  }
  const signatureBytes = decodeBase64url(signature);
  const payloadBytes = decodeBase64url(payload);
  return {
    header: readHeader(header, typ),
    claims: parseClaims(payloadBytes),
    signingInput: Buffer.from(token.slice(0, -signature.length - 1), 'latin1'),
    signature: signatureBytes,
  };
}

function parseClaims(payload: Buffer): JsonValue {
  try {
    return parseStrictJson(payload);
  } catch (cause) {
    throw new GatewayError('token.claims-refused', 'expected the claims to be strict JSON', { cause });
  }
}

/** base64url SHA-256 of the compact token: `rth`. Identifies bytes, not a token: ECDSA signatures are malleable. */
export function tokenHash(token: string): string {
  return hash('sha256', Buffer.from(token, 'latin1'), 'base64url');
}

/** The claims when their form is the profile's, whatever they say. */
export function readRequestClaims(claims: JsonValue): RequestClaims {
  const name = isObject(claims) ? misfit(claims, requestForms) : 'claims';
  if (name === undefined) return claims as unknown as RequestClaims;
  throw new GatewayError('token.claims-refused', `claim ${name} is missing, unknown or malformed`, {
    facts: { claim: name },
  });
}

/** Form, then time, audience, issuer, target and binding; the first that fails throws its `token.*` code. */
export function checkRequestClaims(claims: JsonValue, expected: RequestExpectation): RequestClaims {
  const request = readRequestClaims(claims);
  checkLifetime(request, expected);

  if (request.aud !== expected.audience) throw new GatewayError('token.audience-mismatch');

  if (request.iss !== expected.issuer) throw new GatewayError('token.issuer-mismatch');

  if (request.htm !== expected.method || request.htu !== expected.target) {
    throw new GatewayError('token.target-mismatch', `expected ${expected.method} ${expected.target}`);
  }

  if (request.cnf['x5t#S256'] !== expected.certificate) throw new GatewayError('token.binding-mismatch');
  return request;
}

function checkLifetime(request: RequestClaims, expected: RequestExpectation): void {
  const { iat, nbf, exp } = request;
  if (nbf !== iat || exp <= iat || exp > iat + TOKEN_SECONDS) {
    throw new GatewayError('token.claims-refused', `expected nbf = iat < exp ≤ iat + ${TOKEN_SECONDS}`);
  }
  const now = seconds(expected.now);
  if (iat > now + expected.skewSeconds || exp < now - expected.skewSeconds) {
    throw new GatewayError('token.expired', `the token's clock is ${now - iat} s behind this gateway's`, {
      facts: { offsetSeconds: now - iat },
    });
  }
}

/** The claims when their form is the profile's, whatever they say. Throws `exchange.response-invalid`. */
export function readResponseClaims(claims: JsonValue): ResponseClaims {
  const name = isObject(claims) ? misfit(claims, responseForms) : 'claims';
  if (name !== undefined) throw responseInvalid(name);
  return claims as unknown as ResponseClaims;
}

/** Everything the caller sent must come back. Throws `exchange.response-invalid` and names the claim. */
export function checkResponseClaims(claims: JsonValue, expected: ResponseExpectation): ResponseClaims {
  const response = readResponseClaims(claims);
  for (const [claim, value] of answersTo(expected))
    if (response[claim] !== value) throw responseInvalid(claim);

  if (response.cnf['x5t#S256'] !== expected.certificate) throw responseInvalid('cnf');

  // A refusal may name no digest (body unread) or another one (exchange.digest-mismatch).
  if (expected.status < 400 && response.rcdg !== expected.request.cdg) throw responseInvalid('rcdg');

  const offset = Math.abs(seconds(expected.now) - response.iat);
  if (offset > TOKEN_SECONDS + expected.skewSeconds) throw responseInvalid('iat');
  return response;
}

function answersTo(expected: ResponseExpectation): [keyof ResponseClaims, string | number][] {
  const { request } = expected;
  return [
    ['iss', request.aud],
    ['aud', request.iss],
    ['rth', tokenHash(expected.requestToken)],
    ['rjti', request.jti],
    ['mid', request.mid],
    ['htm', request.htm],
    ['htu', request.htu],
    ['sts', expected.status],
    ['cty', expected.mediaType],
    ['cdg', expected.digest],
    ['len', expected.length],
  ];
}

function responseInvalid(claim: string): GatewayError {
  const code: ErrorCode = 'exchange.response-invalid';
  return new GatewayError(code, `claim ${claim} of the response does not fit the request`, {
    facts: { claim },
  });
}

export function signRequestToken(claims: RequestClaims, key: SigningKey): Promise<string> {
  return signCompact(headerOf('lzx-req+jwt', key), claims, key);
}

export function signResponseToken(claims: ResponseClaims, key: SigningKey): Promise<string> {
  return signCompact(headerOf('lzx-res+jwt', key), claims, key);
}
