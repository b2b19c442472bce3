/** What Node's parser refuses never reaches the app: smuggling attempts, over-long headers, slow senders. */
import type { Duplex } from 'node:stream';
import { newId } from '../../core/ids.ts';
import { connectionOf } from './connection.ts';
import type { PeerPlane } from './peer-plane.ts';

/** One answer, then the connection ends: what follows on it can't be trusted to be a request. */
export async function answerParserError(
  plane: PeerPlane,
  error: NodeJS.ErrnoException,
  socket: Duplex,
): Promise<void> {
  const correlationId = newId();
  plane.logger.warn(
    { code: 'http.header-invalid', parser: error.code, correlationId },
    'peer request unreadable',
  );
  const logged = error.code?.startsWith('HPE_') === true ? await record(plane, socket, correlationId) : true;
  if (!socket.writable) return void socket.destroy();
  const status = logged ? statusOf(error) : '503 Service Unavailable';
  const lines = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Content-Length: 0',
    `Correlation-Id: ${correlationId}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n`, () => socket.destroy());
}

function statusOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
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
