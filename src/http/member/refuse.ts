/** The last handlers of the plane: what nothing served, and what was refused. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { GatewayError } from '../../core/errors.ts';
import { PROBLEM_TYPE, problemOf, type Problem } from '../problem.ts';
import { callOf } from './call.ts';
import { contractError } from './contract.ts';
import type { Logger } from './observe.ts';

/** How long and how much a refused upload may still send before the connection is cut. */
const LINGER = { milliseconds: 2000, bytes: 16 << 20 } as const;

export const notFound: RequestHandler = () => {
  throw new GatewayError('http.not-found', 'no such path; openapi.yaml lists all');
};

export function refuse(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const known = error instanceof GatewayError ? error : (contractError(error) ?? error);
    const problem = problemOf(known, callOf(request).correlationId);
    if (problem.status >= 500)
      logger.error({ correlationId: problem.correlationId, error: shapeOf(known) }, 'member call failed');
    if (!response.headersSent) {
      answer(problem, request, response);
      return;
    }
    // Half an answer can't be taken back: cutting the connection is the only honest end. Express does so on `next`.
    response.destroy();
    next();
  };
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
