/** An error becomes an RFC 9457 problem, in one place for both planes. */
import type { ServerResponse } from 'node:http';
import { errorTable } from '../core/error-table.ts';
import { GatewayError } from '../core/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  /** Missing in 5xx answers, like facts: they tell nothing about the inside. */
  readonly detail?: string;
  readonly correlationId: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export function problemOf(error: unknown, correlationId: string): Problem {
  const known =
    error instanceof GatewayError ? error : new GatewayError('internal', undefined, { cause: error });
  const { code, status } = known;
  const head = { type: `urn:lianzheng:error:${code}`, title: errorTable[code].title, status, code };
  if (status >= 500) return { ...head, correlationId };
  const facts = Object.keys(known.facts).length > 0 ? { facts: known.facts } : {};
  return { ...head, detail: known.message, correlationId, ...facts };
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  response.statusCode = problem.status;
  response.setHeader('Content-Type', PROBLEM_TYPE);
  response.end(JSON.stringify(problem));
}
