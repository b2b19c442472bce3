/** A problem answer of the gateway becomes the error that it was there. */
import type { IncomingMessage } from 'node:http';
import { errorTable, type ErrorCode } from '../../core/error-table.ts';
import { GatewayError } from '../../core/errors.ts';
import { readAll } from './exchange.ts';

interface Problem {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly title?: unknown;
  readonly correlationId?: unknown;
  readonly facts?: unknown;
}

export async function refusalOf(answer: IncomingMessage): Promise<GatewayError> {
  const problem = problemIn(await readAll(answer));
  const status = answer.statusCode ?? 0;
  if (!isCode(problem.code)) {
    const message = `the gateway answered ${status} without a problem document; is --url right?`;
    return new GatewayError('exchange.response-invalid', message, { facts: { status } });
  }
  const facts = typeof problem.facts === 'object' ? problem.facts : {};
  const words = problem.detail ?? problem.title;
  return new GatewayError(problem.code, typeof words === 'string' ? words : undefined, {
    facts: { ...facts, correlationId: problem.correlationId },
  });
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorTable, code);
}

function problemIn(body: Buffer): Problem {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
