/** What Node's parser refuses never reaches the app: smuggling attempts, over-long headers, slow senders. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { PROBLEM_TYPE, problemOf } from '../problem.ts';
import { connectionOf } from './connection.ts';
import { claimEnd } from './ending.ts';
import type { PeerPlane } from './peer-plane.ts';

/** One answer, then the connection ends: what follows on it can't be trusted to be a request. */
export async function answerParserError(
  plane: PeerPlane,
  error: NodeJS.ErrnoException,
  socket: Duplex,
): Promise<void> {
  // A handshake that failed or never ended has nobody to answer: ending it politely would wait for it for ever.
  if (!isOfParser(error)) return void socket.destroy();
  // Each further piece of what can't be parsed is an error again: one refusal a connection.
  if (!claimEnd(socket)) return;
  const correlationId = newId();
  const startedAt = plane.clock();
  plane.logger.warn(
    { code: 'http.header-invalid', parser: error.code, correlationId },
    'peer request unreadable',
  );
  const logged = isMalformed(error) ? await record(plane, socket, correlationId) : true;
  if (!socket.writable) return void socket.destroy();
  const refusal = new GatewayError(logged ? 'http.header-invalid' : 'ledger.unavailable');
  const status = logged ? statusOf(error) : refusal.status;
  const body = JSON.stringify({ ...problemOf(refusal, correlationId), status });
  plane.events?.answered({
    ...{ correlationId, startedAt, status, peer: undefined, kind: 'unreadable', code: refusal.code },
    seconds: (plane.clock().getTime() - startedAt.getTime()) / 1000,
  });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Correlation-Id: ${correlationId}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function isOfParser({ code = '' }: NodeJS.ErrnoException): boolean {
  return code.startsWith('HPE_') || code.startsWith('ERR_HTTP_');
}

/** A caller that hangs up within a request has sent nothing wrong; what it had sent is judged and logged by the checks. */
function isMalformed({ code }: NodeJS.ErrnoException): boolean {
  return code?.startsWith('HPE_') === true && code !== 'HPE_INVALID_EOF_STATE';
}

function statusOf(error: NodeJS.ErrnoException): number {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 431;
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

/** False when the refusal could not be logged. */
async function record(plane: PeerPlane, socket: Duplex, correlationId: string): Promise<boolean> {
  try {
    const listed = plane.registry.current().certificate(connectionOf(socket).peer);
    const member = listed === undefined ? {} : { certificateMember: listed.member };
    await plane.refusals.record({ code: 'http.header-invalid', path: '', correlationId, ...member });
    return true;
  } catch (cause) {
    plane.logger.error({ error: cause, correlationId }, 'refusal could not be logged');
    return false;
  }
}
