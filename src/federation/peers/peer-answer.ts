/** Checks an untrusted answer of a peer: token, key of the member that was called, every claim, digest of the bytes. */
import { sha256 } from '../../core/digest.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import { contentDigestHeader, digestClaim } from '../../wire/content-digest.ts';
import {
  checkResponseClaims,
  readToken,
  type ReadToken,
  type ResponseClaims,
} from '../../wire/exchange-token.ts';
import { verifySignature } from '../../wire/jws.ts';
import type { PeerAnswer, PeerResponse, SentRequest } from './peer-client.ts';
import { isGatewayOf, type PeerPool } from './peer-pool.ts';
import { validAt, type RegistryView } from '../registry/registry-view.ts';

export interface AnswerContext {
  readonly request: SentRequest;
  readonly peer: PeerPool;
  readonly to: MemberId;
  readonly view: RegistryView;
  readonly now: Date;
}

/** Our own clock may be off as far as the peer's. */
const SKEW_SECONDS = 10;

/** Throws `exchange.response-invalid`; an unsigned problem answer too, with the peer's unproven code in the facts. */
export async function checkAnswer(response: PeerResponse, context: AnswerContext): Promise<PeerAnswer> {
  const { status, body } = response;
  const token = soleHeader(response, 'exchange-token');
  if (token === undefined) throw unsigned(response, context.to);

  const read = readAnswerToken(token);
  const digest = sha256(body);
  if (soleHeader(response, 'content-digest') !== contentDigestHeader(digest)) throw invalid('Content-Digest');

  const claims = checkResponseClaims(read.claims, {
    now: context.now,
    skewSeconds: SKEW_SECONDS,
    request: context.request.claims,
    requestToken: context.request.token,
    certificate: shownCertificate(read.claims as unknown as Partial<ResponseClaims>, context),
    status,
    mediaType: soleHeader(response, 'content-type') ?? '',
    digest: digestClaim(digest),
    length: body.length,
  });
  await checkSignature(read, claims.iat, context);
  return { status, body, token, claims, replayed: claims.rpl, receipt: claims.rcpt };
}

function readAnswerToken(token: string): ReadToken {
  try {
    return readToken(token, 'lzx-res+jwt');
  } catch (cause) {
    throw isGatewayError(cause) ? invalid(cause.message, cause) : cause;
  }
}

/** The answer must name a certificate that this pool's server showed and that is still registered for it. */
function shownCertificate(claims: Partial<ResponseClaims>, { peer, view, to, now }: AnswerContext): string {
  const x5t = claims.cnf?.['x5t#S256'];
  if (typeof x5t !== 'string' || !peer.presented.has(x5t)) return 'none';
  return isGatewayOf(view, to, { x5t, now }) ? x5t : 'none';
}

/** As for requests: a superseded key counts for what it signed before, a compromised one for nothing. */
async function checkSignature(read: ReadToken, iat: number, { view, to }: AnswerContext): Promise<void> {
  const key = view.sealKey(to, read.header.kid);
  if (key === undefined || key.alg !== read.header.alg || !validAt(key, iat)) {
    throw invalid(`key ${read.header.kid} is not valid for ${to}`);
  }
  if (!(await verifySignature(key, read.signingInput, read.signature))) throw invalid('signature');
}

function soleHeader({ headers }: PeerResponse, name: string): string | undefined {
  const value = headers[name];
  if (Array.isArray(value)) throw invalid(`header ${name} is given twice`);
  return value;
}

function unsigned({ status, body }: PeerResponse, to: MemberId): GatewayError {
  const claimed = claimedCode(body);
  return new GatewayError('exchange.response-invalid', `${to} answered ${status} without a signature`, {
    facts: { status, ...(claimed === undefined ? {} : { unsignedCode: claimed }) },
  });
}

/** Untrusted and unproven: shown to the operator, never acted on. */
function claimedCode(body: Buffer): string | undefined {
  const text = body.subarray(0, 4096).toString('utf8');
  return /"code":"([a-z][a-z0-9.-]{0,63})"/.exec(text)?.[1];
}

function invalid(what: string, cause?: unknown): GatewayError {
  return new GatewayError('exchange.response-invalid', `answer is refused: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    facts: { what },
  });
}
