/** The last handlers of the plane: what nothing served, and what was refused. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { GatewayError } from '../../core/errors.ts';
import { PROBLEM_TYPE, problemOf, type Problem } from '../problem.ts';
import { callOf } from './call.ts';
import { contractError } from './contract.ts';
import type { MemberPlane } from './server.ts';

/** How long and how much a refused upload may still send before the connection is cut. */
const LINGER = { milliseconds: 2000, bytes: 16 << 20 } as const;

export const notFound: RequestHandler = () => {
  throw new GatewayError('http.not-found', 'no such path; openapi.yaml lists all');
};

/** An act that a caller with a valid token asked for and did not get. */
export interface RefusedAct {
  readonly code: string;
  readonly actor: string;
  readonly path: string;
  readonly correlationId: string;
}

type Refusing = Pick<MemberPlane, 'logger' | 'recordRefusal'>;

export function refuse(plane: Refusing): ErrorRequestHandler {
  return async (error: unknown, request, response, next) => {
    const known = error instanceof GatewayError ? error : (contractError(error) ?? hangUp(error) ?? error);
    const problem = problemOf(known, callOf(request).correlationId);
    callOf(request).code = problem.code;
    if (problem.status >= 500) {
      const facts = { correlationId: problem.correlationId, error: shapeOf(known) };
      plane.logger.error(facts, 'member call failed');
    }
    await record(plane, request, problem);
    if (!response.headersSent) {
      answer(problem, request, response);
      return;
    }
    // Half an answer can't be taken back: cutting the connection is the only honest end. Express does so on `next`.
    response.destroy();
    next();
  };
}

/** What Node makes of a request whose caller went away before its body was there. */
function hangUp(error: unknown): GatewayError | undefined {
  const isHangUp =
    error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET';
  return isHangUp ? new GatewayError('http.body-truncated', undefined, { cause: error }) : undefined;
}

/** Reading is no act, a stranger none of ours, and a fault of ours no refusal; a full store is one. */
async function record(plane: Refusing, request: Request, { code, status }: Problem): Promise<void> {
  const { caller, correlationId, operation } = callOf(request);
  if (caller === undefined || operation === undefined || request.method === 'GET') return;
  if (status >= 500 && code !== 'blob.quota') return;
  const act = { code, actor: caller.subject, path: request.path, correlationId };
  try {
    await plane.recordRefusal?.(act);
  } catch (cause) {
    // The caller learns why it was refused, not that we could not write it down.
    plane.logger.error({ correlationId, error: shapeOf(cause) }, 'refusal could not be logged');
  }
}

function answer(problem: Problem, request: Request, response: Response): void {
  const body = Buffer.from(JSON.stringify(problem));
  response.status(problem.status);
  response.setHeader('Content-Type', PROBLEM_TYPE);
  response.setHeader('Content-Length', body.length);
  response.setHeader('Cache-Control', 'no-store');
  if (request.complete || request.destroyed) {
    response.end(body);
    return;
  }
  response.setHeader('Connection', 'close');
  response.write(body);
  linger(request, response);
}

/** Reads on for a moment: closing with unread bytes resets the connection and the client may lose the answer. */
function linger(request: Request, response: Response): void {
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', count);
    response.end();
  };
  let seen = 0;
  const count = (chunk: Buffer): void => {
    seen += chunk.length;
    if (seen > LINGER.bytes) end();
  };
  const timer = setTimeout(end, LINGER.milliseconds);
  request.on('data', count).once('end', end).once('close', end);
}

/** What the log may know: messages and stack, no database detail (it quotes values). */
function shapeOf(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: shapeOf(error.cause) };
  return { name: error.name, message: error.message, ...code, stack: error.stack, ...cause };
}
