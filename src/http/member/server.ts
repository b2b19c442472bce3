/** The member plane: the member's own systems and staff, by bearer token, held to openapi.yaml. */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Registry } from 'prom-client';
import type { BearerVerifier } from '../../wire/bearer.ts';
import { memberOperations, type ApiOperation, type MemberOperationId } from '../api-operations.ts';
import { authenticate } from './authenticate.ts';
import { callOf } from './call.ts';
import { contractChecks } from './contract.ts';
import type { RateLimiter } from '../../federation/rates/rate-limiter.ts';
import { keepDoor, type DoorLimits } from '../limits/door.ts';
import { Pace } from '../limits/pace.ts';
import { limitGuesses, limitSubject } from './limit-callers.ts';
import { defaultMemberLimits, type MemberLimits } from './limits.ts';
import { keepPace } from './keep-pace.ts';
import { observe, type Logger } from './observe.ts';
import { readJson } from './read-json.ts';
import { notFound, refuse, type RefusedAct } from './refuse.ts';
import { handlersOf } from './routes/handlers.ts';
import type { MemberServices } from './services.ts';

export interface MemberPlane {
  /** Path of openapi.yaml. */
  readonly contract: string;
  readonly bearer: BearerVerifier;
  readonly services: MemberServices;
  readonly metrics: Registry;
  readonly logger: Logger;
  /** Writes a refused act into the ledger before it is answered. */
  readonly recordRefusal?: (act: RefusedAct) => Promise<unknown>;
  readonly rates: RateLimiter;
  readonly limits?: Partial<MemberLimits>;
  /** Hears of each connection and request that a limit met. */
  readonly onLimit?: (limit: string) => void;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Holds answers to openapi.yaml too; for tests. */
  readonly checkAnswers?: boolean;
}

interface Guardians {
  readonly plane: MemberPlane;
  readonly limits: MemberLimits;
  /** One count over all operations. */
  readonly limiters: { readonly guesses: RequestHandler; readonly subject: RequestHandler };
}

/** Not yet listening. Order of checks: limits, token, scope, body form, contract, then the capability decides. */
export function createMemberServer(plane: MemberPlane): Server {
  const limits = { ...defaultMemberLimits, ...plane.limits };
  const pace = new Pace(limits);
  const app = createMemberApp(plane, { limits, pace });
  const options = { connectionsCheckingInterval: 1000 };
  const server =
    plane.tls === undefined ? createServer(options, app) : createTlsServer({ ...plane.tls, ...options }, app);
  server.headersTimeout = limits.headersTimeoutMs;
  // An upload may take hours; what may not is silence.
  server.requestTimeout = 0;
  server.timeout = limits.idleTimeoutMs;
  server.maxHeadersCount = limits.maxHeaders;
  server.once('close', () => pace.close());
  keepDoor(server, doorOf(limits), {
    tls: plane.tls !== undefined,
    onTurnedAway: (limit) => plane.onLimit?.(`member-plane.connection.${limit}`),
  });
  return server;
}

function doorOf(limits: MemberLimits): DoorLimits {
  const { connections, connectionsPerAddress, newConnectionsPerSecond } = limits;
  return {
    maxConnections: connections,
    perAddress: connectionsPerAddress,
    handshakes: connections,
    newPerSecond: newConnectionsPerSecond,
  };
}

interface Limiting {
  readonly limits: MemberLimits;
  readonly pace: Pace;
}

function createMemberApp(plane: MemberPlane, { limits, pace }: Limiting): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.enable('strict routing').enable('case sensitive routing');
  app.use(observe(plane.logger, plane.metrics), helmet(), keepPace(pace, plane.onLimit));
  const limiters = { guesses: limitGuesses(limits), subject: limitSubject(limits, plane.rates) };
  for (const [id, operation] of operationsOf()) {
    app[operation.method](operation.path, ...guardsOf(id, operation, { plane, limits, limiters }));
  }
  app.use(contractChecks({ file: plane.contract, checkAnswers: plane.checkAnswers ?? false }));
  const handlers = handlersOf(plane.services, plane.metrics);
  for (const [id, operation] of operationsOf()) app[operation.method](operation.path, handlers[id]);
  app.use(notFound, refuse(plane));
  return app;
}

/** Everything that may refuse an operation before the contract looks at it. */
function guardsOf(id: MemberOperationId, operation: ApiOperation, by: Guardians): RequestHandler[] {
  const { plane, limits, limiters } = by;
  const name: RequestHandler = (request, _response, next) => {
    callOf(request).operation = id;
    next();
  };
  const open = operation.anyScope.length === 0;
  const closed = open ? [] : [limiters.guesses, authenticate(plane.bearer, operation), limiters.subject];
  return [name, ...closed, readJson(operation, limits)];
}

function operationsOf(): [MemberOperationId, ApiOperation][] {
  return Object.entries(memberOperations) as [MemberOperationId, ApiOperation][];
}
