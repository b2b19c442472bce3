/** Keeps one caller from taking the plane away from the others. */
import type { RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatewayError } from '../../core/errors.ts';
import { callOf } from './call.ts';

export interface MemberLimits {
  /** Requests a minute for one token subject; default 6,000. */
  readonly requestsPerMinute?: number;
  /** Refused tokens a minute for one address; default 120. */
  readonly refusedTokensPerMinute?: number;
  /** Bytes of a JSON body; default 4 MiB. Streams (NDJSON, files) have no such limit. */
  readonly jsonBytes?: number;
  /** Open connections; default 512. */
  readonly connections?: number;
}

/** Stands after `authenticate`. */
export function limitSubject(limits: MemberLimits): RequestHandler {
  const limiter = new RateLimiterMemory({ points: limits.requestsPerMinute ?? 6000, duration: 60 });
  return async (request, response, next) => {
    const subject = callOf(request).caller?.subject;
    if (subject !== undefined)
      await limiter.consume(subject).catch((refusal: unknown) => refuse(refusal, response));
    next();
  };
}

/** Stands before `authenticate`: an address that guesses tokens is refused before they cost a verification. */
export function limitGuesses(limits: MemberLimits): RequestHandler {
  const points = limits.refusedTokensPerMinute ?? 120;
  const limiter = new RateLimiterMemory({ points, duration: 60 });
  return async (request, response, next) => {
    const address = request.socket.remoteAddress ?? 'unknown';
    const spent = await limiter.get(address);
    if (spent !== null && spent.consumedPoints >= points) refuse(spent, response);
    response.once('finish', () => {
      if (response.statusCode === 401) void limiter.penalty(address);
    });
    next();
  };
}

function refuse(refusal: unknown, response: Response): never {
  if (!(refusal instanceof RateLimiterRes)) throw refusal;
  response.setHeader('Retry-After', String(Math.ceil(refusal.msBeforeNext / 1000)));
  throw new GatewayError('exchange.rate-limited');
}
