/** The claims of a captured request's token, against the clock, the receiver, the connection and the headers. */
import type { JsonObject, JsonValue } from '../../../core/canonical.ts';
import { seconds } from '../../../core/clock.ts';
import type { GatewayError } from '../../../core/errors.ts';
import { newNonce } from '../../../core/ids.ts';
import type { RegisteredKey } from '../../../federation/registry/registry-view.ts';
import { digestClaim } from '../../../wire/content-digest.ts';
import {
  TOKEN_SECONDS,
  type ReadToken,
  type RequestClaims,
  type RequestExpectation,
} from '../../../wire/exchange-token.ts';
import { isObject } from '../../../wire/json/json-form.ts';
import type { Caller } from '../checks/caller.ts';
import type { ExchangeHeaders } from '../checks/headers.ts';
import { checkTokenClaims } from '../checks/token-claims.ts';
import type { Noted } from './diagnose.ts';
import type { TokenContext } from './diagnose-token.ts';
import { exhaust, type Mended } from './finding.ts';

export interface ClaimsContext extends TokenContext {
  readonly key: RegisteredKey | undefined;
}

interface Claimed {
  readonly claims: JsonValue;
  readonly key: RegisteredKey;
}

/** A key that is in force whenever it is asked: the real one is unknown, or its fault has been noted. */
const ALWAYS = { nbf: 0, exp: Number.MAX_SAFE_INTEGER };

/** The claims as they stand where their form allows it, else as they should be. */
export async function diagnoseClaims(
  claims: JsonValue,
  headers: ExchangeHeaders,
  { capture, caller, deps, key }: ClaimsContext,
  findings: Noted['findings'],
): Promise<RequestClaims | undefined> {
  const expected: RequestExpectation = {
    now: deps.now,
    skewSeconds: deps.skewSeconds,
    audience: deps.member,
    issuer: caller.member,
    method: capture.method,
    target: `https://${deps.authority}${capture.path.split('?', 1)[0] ?? ''}`,
    certificate: caller.certificate,
  };
  const right = rightClaims(expected, headers, caller);
  const unknown = {
    member: caller.member,
    kid: '',
    alg: 'Ed25519',
    jwk: {},
    ...ALWAYS,
  } as unknown as RegisteredKey;
  const checked = await exhaust(
    findings,
    { claims, key: key ?? unknown },
    {
      check: 'token claims',
      ask: (input) =>
        checkTokenClaims({ claims: input.claims } as ReadToken, expected, { headers, key: input.key }),
      mend: (error, input) => mendClaims(error, input, right),
    },
  );
  if (checked === undefined) return undefined;
  // The message is held against what the token says of it, where it says anything readable.
  const { grp, pur, sch, ofr } = { ...checked.result, ...readable(claims, checked.result) };
  return { ...checked.result, grp, pur, sch, ofr };
}

function readable(claims: JsonValue, checked: RequestClaims): Partial<RequestClaims> {
  if (!isObject(claims)) return {};
  const same = (['grp', 'pur', 'sch'] as const).filter(
    (name) => typeof claims[name] === typeof checked[name],
  );
  return Object.fromEntries(same.map((name) => [name, claims[name]]));
}

/** Which claims a code speaks of, where its facts do not name one. */
const CLAIMS_OF: Readonly<Record<string, readonly (keyof RequestClaims)[]>> = {
  'token.claims-refused': ['iat', 'nbf', 'exp'],
  'token.expired': ['iat', 'nbf', 'exp'],
  'token.audience-mismatch': ['aud'],
  'token.issuer-mismatch': ['iss'],
  'token.target-mismatch': ['htm', 'htu'],
  'token.binding-mismatch': ['cnf'],
  'token.id-mismatch': ['mid'],
  'exchange.digest-mismatch': ['cdg'],
  'exchange.length-mismatch': ['len'],
};

function mendClaims(error: GatewayError, input: Claimed, right: RequestClaims): Mended<Claimed> {
  const { key, claims } = input;
  if (error.code === 'token.key-revoked') {
    const { revoked, exp } = key;
    const came =
      revoked === undefined ? `ended ${new Date(exp * 1000).toISOString()}` : `revoked ${revoked.at}`;
    return {
      input: { claims, key: { member: key.member, kid: key.kid, alg: key.alg, jwk: key.jwk, ...ALWAYS } },
      expected: 'a key in force',
      came,
    };
  }
  if (!isObject(claims)) return { input: undefined, expected: 'a JSON object' };
  const { claim } = error.facts;
  const names = typeof claim === 'string' ? [claim] : (CLAIMS_OF[error.code] ?? []);
  if (names.length === 0) return { input: undefined };
  return {
    input: { key, claims: replaceClaims(claims, names, right) },
    expected: wordsOf(right as unknown as JsonObject, names),
    came: wordsOf(claims, names),
  };
}

/** A claim that the profile does not know goes; one that it knows gets the value it should have. */
function replaceClaims(claims: JsonObject, names: readonly string[], right: RequestClaims): JsonObject {
  const others = Object.entries(claims).filter(([name]) => !names.includes(name));
  const known = names.filter((name) => Object.hasOwn(right, name));
  return Object.fromEntries([
    ...others,
    ...known.map((name): [string, JsonValue] => [
      name,
      right[name as keyof RequestClaims] as unknown as JsonValue,
    ]),
  ]);
}

function wordsOf(claims: JsonObject, names: readonly string[]): string {
  const shown = names.map(
    (name) => `${name} ${Object.hasOwn(claims, name) ? JSON.stringify(claims[name]) : 'absent'}`,
  );
  return shown.join(', ').slice(0, 300);
}

function rightClaims(
  expected: RequestExpectation,
  headers: ExchangeHeaders,
  { registry }: Caller,
): RequestClaims {
  const iat = seconds(expected.now);
  return {
    ...{ iss: expected.issuer, aud: expected.audience, grp: '-', pur: 'unknown' },
    ...{ iat, nbf: iat, exp: iat + TOKEN_SECONDS, jti: newNonce(), mid: headers.mid },
    ...{ htm: expected.method, htu: expected.target, cty: headers.mediaType },
    ...{ cdg: digestClaim(headers.digest), len: headers.length, cnf: { 'x5t#S256': expected.certificate } },
    ...{ sch: '-', reg: registry.serial, ofr: null },
  };
}
