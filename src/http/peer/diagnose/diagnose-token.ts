/** The token of a captured request: form, key, claims, signature. */
import { decodeProtectedHeader } from './loose-token.ts';
import { seconds } from '../../../core/clock.ts';
import type { JsonObject, JsonValue } from '../../../core/canonical.ts';
import { isGatewayError, type GatewayError } from '../../../core/errors.ts';
import { newNonce } from '../../../core/ids.ts';
import type { RegisteredKey } from '../../../federation/registry-view.ts';
import { digestClaim } from '../../../wire/content-digest.ts';
import {
  readToken,
  TOKEN_SECONDS,
  type ReadToken,
  type RequestClaims,
  type RequestExpectation,
} from '../../../wire/exchange-token.ts';
import { isObject } from '../../../wire/json-form.ts';
import type { JoseHeader, SealAlgorithm } from '../../../wire/jws.ts';
import type { Caller } from '../checks/caller.ts';
import type { ExchangeHeaders } from '../checks/headers.ts';
import { checkSignature } from '../checks/signature.ts';
import { checkTokenClaims } from '../checks/token-claims.ts';
import { checkTokenKey } from '../checks/token-key.ts';
import type { Capture } from './capture.ts';
import type { DiagnosisDeps, Noted } from './diagnose.ts';
import { NO_TOKEN } from './diagnose-headers.ts';
import { exhaust, findingOf, type Mended } from './finding.ts';

export interface TokenContext {
  readonly capture: Capture;
  readonly caller: Caller;
  readonly deps: DiagnosisDeps;
}

/** The claims as they stand, once their form is right; undefined where they cannot be read. */
export async function diagnoseToken(
  headers: ExchangeHeaders,
  context: TokenContext,
  { findings, unchecked }: Noted,
): Promise<RequestClaims | undefined> {
  if (headers.token === NO_TOKEN) return undefined;
  const { caller } = context;
  const read = await exhaust(findings, headers.token, {
    check: 'token form',
    ask: (token) => readToken(token, 'lzx-req+jwt'),
    mend: (error, token) => mendForm(error, token, caller),
  });
  if (read === undefined) return undefined;
  const token = { ...read.result, signingInput: signingInputOf(headers.token) };
  const key = await exhaust(findings, read.result.header, {
    check: 'token key',
    ask: (header: JoseHeader) => checkTokenKey(header, caller),
    mend: (_error, header) => mendKey(header, caller),
  });
  if (key === undefined) unchecked.push('signature of the token: its key is not known');
  else await noteSignature(findings, token, key.result);
  return await diagnoseClaims(token.claims, headers, { ...context, key: key?.result }, findings);
}

function mendKey(header: JoseHeader, { registry, member }: Caller): Mended<JoseHeader> {
  const alg = registry.sealKey(member, header.kid)?.alg;
  if (alg === undefined) return { input: undefined, expected: `a seal key of ${member}`, came: header.kid };
  return { input: { ...header, alg: alg as SealAlgorithm }, expected: alg, came: header.alg };
}

async function noteSignature(
  findings: Noted['findings'],
  token: ReadToken,
  key: RegisteredKey,
): Promise<void> {
  try {
    await checkSignature(token, key);
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    const expected = `a signature by key ${key.kid} of ${key.member} over this header and these claims`;
    findings.push(findingOf('token signature', error, { expected }));
  }
}

/** Signed is what was sent, not what a diagnosis makes of it. */
function signingInputOf(token: string): Buffer {
  return Buffer.from(token.split('.').slice(0, 2).join('.'), 'latin1');
}

function mendForm({ code }: GatewayError, token: string, caller: Caller): Mended<string> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const canonical = (segment: string): string => Buffer.from(segment, 'base64url').toString('base64url');
  if (code === 'token.base64-invalid') {
    const next = [header, payload, signature].map(canonical).join('.');
    return { input: next === token || signature === '' ? undefined : next };
  }
  if (code !== 'token.header-refused' && code !== 'token.algorithm-refused') return { input: undefined };
  const came = decodeProtectedHeader(header);
  const kid = came['kid'];
  const registered = typeof kid === 'string' ? caller.registry.sealKey(caller.member, kid) : undefined;
  const alg = registered?.alg ?? 'Ed25519';
  const right = Buffer.from(JSON.stringify({ typ: 'lzx-req+jwt', alg, kid })).toString('base64url');
  return {
    input: right === header ? undefined : [right, payload, signature].join('.'),
    expected: `{"typ":"lzx-req+jwt","alg":"${alg}","kid":"<RFC 7638 thumbprint>"}`,
    came: JSON.stringify(came).slice(0, 200),
  };
}

interface ClaimsContext extends TokenContext {
  readonly key: RegisteredKey | undefined;
}

interface Claimed {
  readonly claims: JsonValue;
  readonly key: RegisteredKey;
}

/** A key that is in force whenever it is asked: the real one is unknown, or its fault has been noted. */
const ALWAYS = { nbf: 0, exp: Number.MAX_SAFE_INTEGER };

async function diagnoseClaims(
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
