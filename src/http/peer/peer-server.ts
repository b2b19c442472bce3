/** The peer plane: an HTTPS server for other gateways, and for nobody else. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import express, { type Express } from 'express';
import { GatewayError } from '../../core/errors.ts';
import { newId, UUID_V7 } from '../../core/ids.ts';
import { peerTlsOptions } from '../https-options.ts';
import { keepDoor } from '../limits/door.ts';
import { Pace } from '../limits/pace.ts';
import { createAdmission } from './checks/admission.ts';
import { checkCaller } from './checks/caller.ts';
import { feed } from './endpoints/feed.ts';
import { connectionOf } from './connection.ts';
import { MAX_HEADERS } from './checks/headers.ts';
import { messages } from './endpoints/messages.ts';
import { parts } from './endpoints/parts.ts';
import { registry } from './endpoints/registry.ts';
import { status } from './endpoints/status.ts';
import {
  handleExchange,
  MESSAGES_PATH,
  REGISTRY_PATH,
  type Arrival,
  type Endpoint,
  type PeerContext,
} from './exchange.ts';
import { handleLedgerRead } from './ledger-routes.ts';
import { defaultPeerLimits, type PeerLimits } from './limits.ts';
import { kindOfPath, observeArrival } from './observe.ts';
import type { PeerPlane } from './peer-plane.ts';
import { handleReceipts, RECEIPTS } from './receipt-routes.ts';
import { refuseUnsigned } from './refuse.ts';
import { answerParserError } from './parser-errors.ts';
import { RunningExchanges } from './running-exchanges.ts';
import { followRegistry } from './sockets.ts';
import { ADD_CHECKPOINT, handleAddCheckpoint, handleWitnessed, WITNESSED } from './witness-routes.ts';

/** Of signed calls, by path. */
const endpoints: ReadonlyMap<string, Endpoint> = new Map([
  [MESSAGES_PATH, messages],
  ['/x/v1/status', status],
  ['/x/v1/parts', parts],
  ['/x/v1/feed', feed],
  [REGISTRY_PATH, registry],
]);

/** Not listening yet. Closing is the caller's: `close`, then `closeIdleConnections`, then `closeAllConnections`. */
export function createPeerServer(plane: PeerPlane): Server {
  const limits = { ...defaultPeerLimits, ...plane.limits };
  const pace = new Pace(limits);
  const running = new RunningExchanges();
  const admission = createAdmission({ limits, rates: plane.rates, onLimit: plane.onLimit });
  const app = createListener({ plane, admission, pace, maxBodyBytes: limits.maxBodyBytes, running });
  const tls = peerTlsOptions(plane.tls, plane.registry.current().body.cas);
  const handshakeTimeout = limits.handshakeTimeoutMs;
  const server = createServer({ ...tls, handshakeTimeout, ...httpOptions(limits) }, app);
  server.timeout = limits.idleTimeoutMs;
  // Node drops what is beyond without a word: one more than allowed is let through, for the check to see.
  server.maxHeadersCount = MAX_HEADERS + 1;
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  server.once('close', () => pace.close());
  guard(server, plane, limits);
  // Without these listeners Node would invite the body before the token is checked, or refuse without an entry.
  server.on('checkContinue', app);
  server.on('checkExpectation', app);
  server.on(
    'clientError',
    (error: NodeJS.ErrnoException, socket) => void answerParserError(plane, error, socket),
  );
  // Node's own listener hands a failed handshake to `clientError`: an answer that waits for the handshake, for ever.
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    plane.logger.info({ why: error.code }, 'peer handshake failed');
    plane.events?.handshakeFailed(error.code);
    socket.destroy();
  });
  followRegistry(server, plane, running);
  return server;
}

/** Connections count for the member that the registry lists their certificate for, whichever of its gateways calls. */
function guard(server: Server, plane: PeerPlane, limits: PeerLimits): void {
  const { maxConnections, handshakes, handshakesPerAddress, newConnectionsPerSecond } = limits;
  const door = { maxConnections, handshakes, perAddress: handshakesPerAddress };
  keepDoor(
    server,
    { ...door, newPerSecond: newConnectionsPerSecond },
    {
      tls: true,
      holderOf: (socket) => {
        const member = plane.registry.current().certificate(connectionOf(socket).peer)?.member;
        return member === undefined
          ? { key: '', most: limits.unlistedConnections }
          : { key: member, most: limits.memberConnections };
      },
      onTurnedAway: (limit, holder) => plane.onLimit?.(`connection.${limit}`, holder),
    },
  );
}

function httpOptions(limits: PeerLimits): object {
  return {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: 1000,
    insecureHTTPParser: false,
    // Asked for by the checks, so that the refusal is logged.
    requireHostHeader: false,
    joinDuplicateHeaders: false,
    noDelay: true,
  };
}

/** A signed call goes straight to its checks: behind Express each would make a dozen fresh object shapes (decision 27). */
function createListener(context: PeerContext): RequestListener {
  const app = createApp(context);
  return (request, response) => {
    const endpoint = request.method === 'POST' ? endpoints.get(request.url ?? '') : undefined;
    if (endpoint === undefined) {
      app(request, response);
      return;
    }
    handleExchange(context, endpoint, arrivalOf(context, request, response)).catch((error: unknown) => {
      context.plane.logger.error({ error }, 'peer request failed');
      response.destroy();
    });
  };
}

/** No body parser: bytes are read by the checks, after the token. */
function createApp(context: PeerContext): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').disable('trust proxy').disable('query parser');
  app.enable('strict routing').enable('case sensitive routing');
  for (const [path, endpoint] of endpoints) {
    app.post(path, (request, response) =>
      handleExchange(context, endpoint, arrivalOf(context, request, response)),
    );
    app.all(path, (request, response) => refuse(context, request, response, 'http.method-not-allowed'));
  }
  app.get(/^\/ledger\//, (request, response) =>
    handleLedgerRead(context, arrivalOf(context, request, response)),
  );
  app.post(ADD_CHECKPOINT, (request, response) =>
    handleAddCheckpoint(context, arrivalOf(context, request, response)),
  );
  app.all(ADD_CHECKPOINT, (request, response) =>
    refuse(context, request, response, 'http.method-not-allowed'),
  );
  app.get(RECEIPTS, (request, response) => handleReceipts(context, arrivalOf(context, request, response)));
  app.get(WITNESSED, (request, response) => handleWitnessed(context, arrivalOf(context, request, response)));
  app.use((request, response) => refuse(context, request, response, 'http.not-found'));
  return app;
}

/** Both gateways log the same correlation id: the caller's Exchange-Id where it sent one. */
function arrivalOf(context: PeerContext, request: IncomingMessage, response: ServerResponse): Arrival {
  const id = request.headers['exchange-id'];
  const correlationId = typeof id === 'string' && UUID_V7.test(id) ? id : newId();
  const seen = { kind: kindOfPath(request.url) };
  const arrival: Arrival = { request, response, correlationId, at: context.plane.clock(), seen };
  observeArrival(context.plane, arrival);
  return arrival;
}

/** An unregistered certificate does not even learn which paths exist. */
async function refuse(
  context: PeerContext,
  request: IncomingMessage,
  response: ServerResponse,
  code: 'http.not-found' | 'http.method-not-allowed',
): Promise<void> {
  const { plane } = context;
  const arrival = arrivalOf(context, request, response);
  try {
    const { member } = checkCaller(request.socket, plane.registry, arrival.at);
    await context.admission.charge(member, 'status');
    if (code === 'http.method-not-allowed') response.setHeader('Allow', 'POST');
    throw new GatewayError(code);
  } catch (error) {
    await refuseUnsigned(plane, arrival, error);
  }
}
