/** One call, one log line and one measurement; never payloads, tokens or query strings. */
import type { Request, RequestHandler, Response } from 'express';
import { Counter, Histogram, type Registry } from 'prom-client';
import { callOf } from './call.ts';

export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const SECONDS = 'lianzheng_member_request_seconds';
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

export function observe(logger: Logger, registry: Registry): RequestHandler {
  const seconds = new Histogram({
    name: SECONDS,
    help: 'Duration of member plane calls',
    labelNames: ['operation', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const total = new Counter({
    name: 'lianzheng_member_requests_total',
    help: 'Member plane calls, by operation and code: ok, or the code of the refusal',
    labelNames: ['operation', 'code'],
    registers: [registry],
  });
  return (request, response, next) => {
    const call = callOf(request);
    response.setHeader('Correlation-Id', call.correlationId);
    response.once('close', () => {
      const duration = Number(process.hrtime.bigint() - call.startedAt) / 1e9;
      const status = response.writableFinished ? String(response.statusCode) : 'aborted';
      seconds.observe({ operation: call.operation ?? 'none', status }, duration);
      total.inc({ operation: call.operation ?? 'none', code: codeOf(request, response) });
      logger.info(accessLine(request, response, duration), 'member call');
    });
    next();
  };
}

function codeOf(request: Request, response: Response): string {
  return response.writableFinished ? (callOf(request).code ?? 'ok') : 'aborted';
}

function accessLine(request: Request, response: Response, duration: number): object {
  const call = callOf(request);
  return {
    correlationId: call.correlationId,
    operation: call.operation ?? 'none',
    method: request.method,
    path: request.path,
    status: response.statusCode,
    code: codeOf(request, response),
    finished: response.writableFinished,
    milliseconds: Math.round(duration * 1e4) / 10,
    subject: call.caller?.subject,
  };
}
