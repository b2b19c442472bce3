/** Keeps one caller from taking the plane away from the others. */
import type { RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RateLimiter } from '../../federation/rates/rate-limiter.ts';
import { callOf } from './call.ts';
import type { MemberLimits } from './limits.ts';

/** Stands after `authenticate`. The bucket's name carries no subject: it may name a person. */
export function limitSubject(limits: MemberLimits, rates: RateLimiter): RequestHandler {
  const rate = { perSecond: limits.requestsPerMinute / 60, burst: limits.requestsPerMinute };
  return async (request, response, next) => {
    const subject = callOf(request).caller?.subject;
    const wait = subject && (await rates.take(`subject ${sha256Hex(subject).slice(0, 32)}`, rate));
    if (typeof wait === 'number') refuse(wait, response);
    next();
  };
}

/** Stands before `authenticate`: an address that guesses tokens is refused before they cost a verification. */
export function limitGuesses({ refusedTokensPerMinute: points }: MemberLimits): RequestHandler {
  const limiter = new RateLimiterMemory({ points, duration: 60 });
  return async (request, response, next) => {
    const address = request.socket.remoteAddress ?? 'unknown';
    const spent = await limiter.get(address);
    if (spent !== null && spent.consumedPoints >= points) refuse(spent.msBeforeNext, response);
    response.once('finish', () => {
      if (response.statusCode === 401) penalize(limiter, address);
    });
    next();
  };
}

function penalize(limiter: RateLimiterMemory, address: string): void {
  limiter.penalty(address).catch((refusal: unknown) => {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
  });
}

function refuse(milliseconds: number, response: Response): never {
  response.setHeader('Retry-After', String(Math.max(1, Math.ceil(milliseconds / 1000))));
  throw new GatewayError('exchange.rate-limited');
}
