/** The token of a captured request: form, key, claims, signature. */
import { decodeProtectedHeader } from './loose-token.ts';
import { isGatewayError, type GatewayError } from '../../../core/errors.ts';
import type { RegisteredKey } from '../../../federation/registry/registry-view.ts';
import { readToken, type ReadToken, type RequestClaims } from '../../../wire/exchange-token.ts';
import type { JoseHeader, SealAlgorithm } from '../../../wire/jws.ts';
import type { Caller } from '../checks/caller.ts';
import type { ExchangeHeaders } from '../checks/headers.ts';
import { checkSignature } from '../checks/signature.ts';
import { checkTokenKey } from '../checks/token-key.ts';
import type { Capture } from './capture.ts';
import type { DiagnosisDeps, Noted } from './diagnose.ts';
import { diagnoseClaims } from './diagnose-claims.ts';
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
