/** The peer plane: an HTTPS server for other gateways, and for nobody else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import express, { type Express } from 'express';
import { GatewayError } from '../../core/errors.ts';
import { newId, UUID_V7 } from '../../core/ids.ts';
import { peerTlsOptions } from '../https-options.ts';
import { createAdmission } from './checks/admission.ts';
import { checkCaller } from './checks/caller.ts';
import { MAX_HEADERS } from './checks/headers.ts';
import { messages } from './endpoints/messages.ts';
import { parts } from './endpoints/parts.ts';
import { status } from './endpoints/status.ts';
import { handleExchange, type Arrival, type Endpoint, type PeerContext } from './exchange.ts';
import { handleLedgerRead } from './ledger-routes.ts';
import { defaultPeerLimits, type PeerLimits } from './limits.ts';
import type { PeerPlane } from './peer-plane.ts';
import { handleReceipts, RECEIPTS } from './receipt-routes.ts';
import { refuseUnsigned } from './refuse.ts';
import { answerParserError } from './parser-errors.ts';
import { followRegistry } from './sockets.ts';
import { ADD_CHECKPOINT, handleAddCheckpoint, handleWitnessed, WITNESSED } from './witness-routes.ts';

const endpoints: Readonly<Record<string, Endpoint>> = {
  '/x/v1/messages': messages,
  '/x/v1/status': status,
  '/x/v1/parts': parts,
};

/** Not listening yet. Closing is the caller's: `close`, then `closeIdleConnections`, then `closeAllConnections`. */
export function createPeerServer(plane: PeerPlane): Server {
  const limits = { ...defaultPeerLimits, ...plane.limits };
  const context = { plane, admission: createAdmission(limits), maxBodyBytes: limits.maxBodyBytes };
  const app = createApp(context);
  const tls = peerTlsOptions(plane.tls, plane.registry.current().body.cas);
  const server = createServer({ ...tls, ...httpOptions(limits) }, app);
  server.maxConnections = limits.maxConnections;
  // Node drops what is beyond without a word: one more than allowed is let through, for the check to see.
  server.maxHeadersCount = MAX_HEADERS + 1;
  // Without these listeners Node would invite the body before the token is checked, or refuse without an entry.
  server.on('checkContinue', app);
  server.on('checkExpectation', app);
  server.on(
    'clientError',
    (error: NodeJS.ErrnoException, socket) => void answerParserError(plane, error, socket),
  );
  server.on('tlsClientError', (error: NodeJS.ErrnoException) =>
    plane.logger.info({ why: error.code }, 'peer handshake failed'),
  );
  followRegistry(server, plane);
  return server;
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

/** No body parser: bytes are read by the checks, after the token. */
function createApp(context: PeerContext): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').disable('trust proxy').disable('query parser');
  app.enable('strict routing').enable('case sensitive routing');
  for (const [path, endpoint] of Object.entries(endpoints)) {
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
  return { request, response, correlationId, at: context.plane.clock() };
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
    checkCaller(request.socket, plane.registry, arrival.at);
    if (code === 'http.method-not-allowed') response.setHeader('Allow', 'POST');
    throw new GatewayError(code);
  } catch (error) {
    await refuseUnsigned(plane, arrival, error);
  }
}
