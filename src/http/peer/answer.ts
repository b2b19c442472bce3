/** Answers of signed calls: digest, response token, body. */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { seconds } from '../../core/clock.ts';
import { sha256 } from '../../core/digest.ts';
import { failpointAfter } from '../../core/failpoint.ts';
import type { GatewayError } from '../../core/errors.ts';
import { newNonce } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import { contentDigestHeader, digestClaim } from '../../wire/content-digest.ts';
import { signResponseToken, tokenHash, type ResponseClaims } from '../../wire/exchange-token.ts';
import { problemOf, PROBLEM_TYPE } from '../problem.ts';
import type { Arrival, Authenticated, PeerContext } from './exchange.ts';
import type { PeerPlane } from './peer-plane.ts';

/** A body that is too large to hold; its digest is known beforehand, because the token goes first. */
export interface StreamedPart {
  readonly stream: Readable;
  readonly length: number;
  /** Hex. */
  readonly sha256: string;
}

export interface Answer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: Buffer | StreamedPart;
  readonly replayed: boolean;
  /** Null only when a flood of refusals is summarised or nothing could be logged (5xx). */
  readonly receipt: EntryRef | null;
  readonly retryAfterSeconds?: number;
  /** Throws when this answer may be sent no further: asked while it is on the way. */
  readonly standing?: () => void;
}

export function signedProblem(error: GatewayError, receipt: EntryRef | null, correlationId: string): Answer {
  const problem = problemOf(error, correlationId);
  const body = Buffer.from(JSON.stringify(problem));
  return {
    status: problem.status,
    mediaType: PROBLEM_TYPE,
    body,
    replayed: false,
    receipt,
    ...retryAfter(error),
  };
}

/** Seconds for Retry-After, where the error names them. */
export function retryAfter(error: GatewayError): { readonly retryAfterSeconds?: number } {
  const { retryAfterSeconds } = error.facts;
  return typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {};
}

export interface Sending {
  readonly call: Authenticated;
  readonly answer: Answer;
  /** The reader takes its time: the place may be lent. */
  readonly onLong: () => void;
}

export async function sendSigned(
  { plane, pace }: PeerContext,
  arrival: Arrival,
  { call, answer, onLong }: Sending,
): Promise<void> {
  const { response } = arrival;
  const { body } = answer;
  const digest = Buffer.isBuffer(body) ? sha256(body) : Buffer.from(body.sha256, 'hex');
  const claims = responseClaims(plane, call, { answer, digest });
  const token = await signResponseToken(claims, plane.sealKey);
  // The caller may be gone, or its certificate revoked meanwhile: the socket is destroyed then.
  if (response.destroyed) return discard(body);
  const headers: Record<string, string | number> = {
    'Content-Type': answer.mediaType,
    'Content-Length': body.length,
    'Content-Digest': contentDigestHeader(digest),
    'Exchange-Token': token,
    'Correlation-Id': arrival.correlationId,
  };
  if (answer.retryAfterSeconds !== undefined) headers['Retry-After'] = answer.retryAfterSeconds;
  response.writeHead(answer.status, headers);
  const onTooSlow = (): void => cut(plane, arrival);
  if (Buffer.isBuffer(body)) {
    await failpointAfter('answer-half', (done) => response.write(body.subarray(0, body.length >> 1), done));
    response.end(body);
  }
  pace.writing(response, { onLong, onTooSlow });
  if (Buffer.isBuffer(body)) return;
  await stream(plane, body, arrival);
}

function responseClaims(
  plane: PeerPlane,
  call: Authenticated,
  { answer, digest }: { readonly answer: Answer; readonly digest: Buffer },
): ResponseClaims {
  const { claims } = call;
  return {
    iss: plane.member,
    aud: claims.iss,
    iat: seconds(plane.clock()),
    jti: newNonce(),
    cnf: { 'x5t#S256': call.caller.ownCertificate },
    sts: answer.status,
    cdg: digestClaim(digest),
    len: answer.body.length,
    cty: answer.mediaType,
    rth: tokenHash(call.token),
    rjti: claims.jti,
    mid: claims.mid,
    rcdg: call.computed === undefined ? null : digestClaim(call.computed),
    htm: claims.htm,
    htu: claims.htu,
    rpl: answer.replayed,
    rcpt: positionOf(answer.receipt),
  };
}

/** Exactly the claim's members: an entry's reference may carry size and root beside. */
function positionOf(receipt: EntryRef | null): ResponseClaims['rcpt'] {
  if (receipt === null) return null;
  const { origin, index, leaf } = receipt;
  return { origin, index, leaf };
}

/** A part that breaks off half-way ends the connection: the caller sees fewer bytes than were signed. */
async function stream(plane: PeerPlane, part: StreamedPart, arrival: Arrival): Promise<void> {
  try {
    await pipeline(part.stream, arrival.response);
  } catch (error) {
    plane.logger.warn({ error, correlationId: arrival.correlationId }, 'part broke off');
  }
}

/** A reader that takes less than the least speed gets no more: memory and files are not held open for it. */
export function cut(plane: PeerPlane, { response, correlationId }: Arrival): void {
  plane.onLimit?.('pace');
  plane.logger.warn({ correlationId }, 'reader too slow: connection cut');
  response.destroy();
}

function discard(body: Buffer | StreamedPart): void {
  if (!Buffer.isBuffer(body)) body.stream.destroy();
}
