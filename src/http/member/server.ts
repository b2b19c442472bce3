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
import { limitGuesses, limitSubject, type MemberLimits } from './limits.ts';
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
  readonly limits?: MemberLimits;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Holds answers to openapi.yaml too; for tests. */
  readonly checkAnswers?: boolean;
}

interface Guardians {
  readonly plane: MemberPlane;
  /** One count over all operations. */
  readonly limiters: { readonly guesses: RequestHandler; readonly subject: RequestHandler };
}

const HEADERS_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 120_000;
const JSON_BYTES = 4 << 20;
const CONNECTIONS = 512;

/** Not yet listening. Order of checks: limits, token, scope, body form, contract, then the capability decides. */
export function createMemberServer(plane: MemberPlane): Server {
  const app = createMemberApp(plane);
  const server = plane.tls === undefined ? createServer(app) : createTlsServer(plane.tls, app);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  // An upload may take hours; what may not is silence.
  server.requestTimeout = 0;
  server.timeout = IDLE_TIMEOUT_MS;
  server.maxConnections = plane.limits?.connections ?? CONNECTIONS;
  return server;
}

export function createMemberApp(plane: MemberPlane): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.enable('strict routing').enable('case sensitive routing');
  app.use(observe(plane.logger, plane.metrics), helmet());
  const limiters = { guesses: limitGuesses(plane.limits ?? {}), subject: limitSubject(plane.limits ?? {}) };
  for (const [id, operation] of operationsOf()) {
    app[operation.method](operation.path, ...guardsOf(id, operation, { plane, limiters }));
  }
  app.use(contractChecks({ file: plane.contract, checkAnswers: plane.checkAnswers ?? false }));
  const handlers = handlersOf(plane.services, plane.metrics);
  for (const [id, operation] of operationsOf()) app[operation.method](operation.path, handlers[id]);
  app.use(notFound, refuse(plane));
  return app;
}

/** Everything that may refuse an operation before the contract looks at it. */
function guardsOf(id: MemberOperationId, operation: ApiOperation, by: Guardians): RequestHandler[] {
  const { plane, limiters } = by;
  const name: RequestHandler = (request, _response, next) => {
    callOf(request).operation = id;
    next();
  };
  const open = operation.anyScope.length === 0;
  const closed = open ? [] : [limiters.guesses, authenticate(plane.bearer, operation), limiters.subject];
  return [name, ...closed, readJson(operation, plane.limits?.jsonBytes ?? JSON_BYTES)];
}

function operationsOf(): [MemberOperationId, ApiOperation][] {
  return Object.entries(memberOperations) as [MemberOperationId, ApiOperation][];
}
