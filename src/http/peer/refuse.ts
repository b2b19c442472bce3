/** Refusals: a ledger entry for each, then the problem; no refusal is answered that could not be logged. */
import type { Socket } from 'node:net';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { Refusal } from '../../federation/refusals.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import { problemOf, sendProblem } from '../problem.ts';
import { retryAfter } from './answer.ts';
import { connectionOf } from './connection.ts';
import { claimEnd } from './ending.ts';
import type { Arrival, Authenticated } from './exchange.ts';
import { refusedCall } from './observe.ts';
import type { PeerPlane } from './peer-plane.ts';

export interface LoggedRefusal {
  readonly error: GatewayError;
  readonly receipt: EntryRef | null;
}

/** Codes after which the body is not waited for: the connection ends with the answer. */
const CLOSING = new Set([
  'http.body-too-large',
  'http.body-too-slow',
  'http.encoding-refused',
  'exchange.overloaded',
  // Who has no business here pays for each try with a handshake, whose pace is limited by address.
  'tls.certificate-unregistered',
  'tls.certificate-expired',
  'tls.member-suspended',
]);

/** Before the answer to a refused request is begun. */
export function endConnection({ request, response }: Arrival, code: string): void {
  if (CLOSING.has(code) || request.headers.expect !== undefined) response.shouldKeepAlive = false;
}

/** Logs the refusal. A refusal whose logging fails becomes `ledger.unavailable`. */
export async function recordRefusal(
  plane: PeerPlane,
  arrival: Arrival,
  error: unknown,
  call?: Authenticated,
): Promise<LoggedRefusal> {
  const known = isGatewayError(error) ? error : new GatewayError('internal', undefined, { cause: error });
  report(plane, arrival, known);
  if (!isRefusal(known)) return { error: known, receipt: null };
  plane.events?.refused?.(refusedCall(arrival, known.code, call?.read));
  try {
    return { error: known, receipt: await plane.refusals.record(refusalOf(plane, arrival, known, call)) };
  } catch (cause) {
    const lost = new GatewayError('ledger.unavailable', undefined, { cause });
    report(plane, arrival, lost);
    return { error: lost, receipt: null };
  }
}

/** Before authentication, and for reads without a token. */
export async function refuseUnsigned(plane: PeerPlane, arrival: Arrival, error: unknown): Promise<void> {
  const { request, response, correlationId } = arrival;
  if (isGatewayError(error) && CLOSING.has(error.code) && !claimEnd(request)) return;
  const logged = await recordRefusal(plane, arrival, error);
  if (response.destroyed) return;
  response.setHeader('Correlation-Id', correlationId);
  const { retryAfterSeconds } = retryAfter(logged.error);
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', retryAfterSeconds);
  endConnection(arrival, logged.error.code);
  sendProblem(response, problemOf(logged.error, correlationId));
}

/** A fault of ours is no refusal: its outcome is unknown, and the ledger may be the very thing that failed. */
export function isRefusal(error: GatewayError): boolean {
  return error.status < 500 || error.code.startsWith('registry.') || error.code === 'exchange.overloaded';
}

function refusalOf(plane: PeerPlane, arrival: Arrival, error: GatewayError, call?: Authenticated): Refusal {
  const { request, correlationId } = arrival;
  const common = { code: error.code, path: pathOf(request.url), correlationId };
  if (call !== undefined) {
    const { member } = call.caller;
    return { ...common, peer: member, certificateMember: member, mid: call.claims.mid, ...tokenDigest(call) };
  }
  const member = certificateMember(plane, request.socket);
  return member === undefined ? common : { ...common, certificateMember: member };
}

/** A message may be personal, and then its token, which names the body's digest, leaves no digest either. */
function tokenDigest({ claims, token }: Authenticated): { readonly tokenSha256?: string } {
  return claims.htu.endsWith('/x/v1/messages') ? {} : { tokenSha256: sha256Hex(token) };
}

/** Untrusted text on its way into the ledger: the path without query, short. */
function pathOf(url = ''): string {
  return (url.split('?', 1)[0] ?? '').slice(0, 128);
}

function certificateMember(plane: PeerPlane, socket: Socket): string | undefined {
  try {
    return plane.registry.current().certificate(connectionOf(socket).peer)?.member;
  } catch {
    return undefined;
  }
}

/** The ledger stands still and has told why in a line of its own: what each peer meets then is no new fault. */
function isStandstill({ code, cause }: GatewayError): boolean {
  if (code === 'ledger.quarantined' || code === 'gateway.no-sequencer') return true;
  return code === 'ledger.unavailable' && cause === undefined;
}

function report(plane: PeerPlane, arrival: Arrival, error: GatewayError): void {
  const { correlationId, request } = arrival;
  arrival.seen.code = error.code;
  const facts = { code: error.code, correlationId, path: pathOf(request.url) };
  if (error.status >= 500 && !isStandstill(error))
    plane.logger.error({ ...facts, error: error.cause ?? error }, 'peer request failed');
  else plane.logger.warn({ ...facts, why: error.message }, 'peer request refused');
}
