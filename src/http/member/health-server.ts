/** A listener of its own for health and metrics, with its own few connections: it answers while the plane's are all taken. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { keepDoor } from '../limits/door.ts';
import { problemOf, sendProblem } from '../problem.ts';
import { GatewayError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';

const PATHS: ReadonlySet<string> = new Set(['/v1/health', '/v1/health/ready', '/v1/health/live', '/metrics']);
const DOOR = { maxConnections: 64, perAddress: 32, handshakes: 64, newPerSecond: 50 };
const TIMEOUTS = { headersTimeout: 2000, requestTimeout: 5000, keepAliveTimeout: 5000 };

/** `plane`: the member plane's server, whose answers these are. None of these paths takes a token, so it needs no TLS of its own. */
export function createHealthServer(plane: Server): Server {
  const server = createServer(
    { ...TIMEOUTS, connectionsCheckingInterval: 500, maxHeaderSize: 8192 },
    (request: IncomingMessage, response: ServerResponse) => {
      const known = request.method === 'GET' && PATHS.has(request.url ?? '');
      if (known) plane.emit('request', request, response);
      else sendProblem(response, problemOf(new GatewayError('http.not-found'), newId()));
    },
  );
  server.timeout = TIMEOUTS.requestTimeout;
  keepDoor(server, DOOR, { tls: false });
  return server;
}
