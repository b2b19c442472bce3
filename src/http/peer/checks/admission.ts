/** Check 5: rate and concurrency of one member, so that it cannot starve the others, before any costly crypto. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatewayError } from '../../../core/errors.ts';
import type { MemberId } from '../../../core/ids.ts';
import type { PeerLimits } from '../limits.ts';

export interface Admission {
  /** Admits a request of `bodyBytes` and returns what gives its place back. Throws `exchange.rate-limited`, `exchange.overloaded`. */
  enter(member: MemberId, bodyBytes: number): Promise<() => void>;
}

export function createAdmission(limits: PeerLimits): Admission {
  const rate = new RateLimiterMemory({ points: limits.memberRate, duration: 1 });
  const running = new Map<MemberId, number>();
  let reserved = 0;

  return {
    enter: async (member, bodyBytes) => {
      await consume(rate, member);
      const own = running.get(member) ?? 0;
      if (own >= limits.memberConcurrency) throw tooMany(1);
      if (reserved + bodyBytes > limits.bodyBytesInFlight) throw overloaded();
      running.set(member, own + 1);
      reserved += bodyBytes;
      return () => {
        running.set(member, (running.get(member) ?? 1) - 1);
        reserved -= bodyBytes;
      };
    },
  };
}

async function consume(rate: RateLimiterMemory, member: MemberId): Promise<void> {
  try {
    await rate.consume(member);
  } catch (refusal) {
    throw tooMany(refusal instanceof RateLimiterRes ? Math.ceil(refusal.msBeforeNext / 1000) : 1);
  }
}

function tooMany(retryAfterSeconds: number): GatewayError {
  return new GatewayError('exchange.rate-limited', undefined, { facts: { retryAfterSeconds } });
}

function overloaded(): GatewayError {
  return new GatewayError('exchange.overloaded', undefined, { facts: { retryAfterSeconds: 1 } });
}
