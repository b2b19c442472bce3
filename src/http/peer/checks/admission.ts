/** Check 5: rate and concurrency of one member, so that it cannot starve the others, before any costly crypto. */
import { GatewayError } from '../../../core/errors.ts';
import type { MemberId } from '../../../core/ids.ts';
import type { RateLimiter } from '../../../federation/rates/rate-limiter.ts';
import { FairQueue, type Applicant, type Place } from '../fair-queue.ts';
import type { LimitEvent, PeerLimits, RequestClass } from '../limits.ts';

export interface Admission {
  /** Counts a request, good or bad, before anything of it is looked at. Throws `exchange.rate-limited`. */
  charge(member: MemberId, kind: RequestClass): Promise<void>;
  /** A place to work on a request; its body may be read then. Throws `exchange.overloaded`. */
  enter(applicant: Applicant): Promise<Place>;
}

export interface AdmissionParts {
  readonly limits: PeerLimits;
  readonly rates: RateLimiter;
  readonly onLimit?: ((event: LimitEvent, member?: string) => void) | undefined;
}

export function createAdmission({ limits, rates, onLimit }: AdmissionParts): Admission {
  const queue = new FairQueue(limits);
  return {
    charge: async (member, kind) => {
      const rate = limits.memberRates[member]?.[kind] ?? limits.rates[kind];
      const wait = await rates.take(`${kind} ${member}`, rate);
      if (wait === undefined) return;
      onLimit?.('rate', member);
      throw new GatewayError('exchange.rate-limited', undefined, {
        facts: { retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)) },
      });
    },
    enter: async (applicant) => {
      try {
        return await queue.enter(applicant);
      } catch (error) {
        onLimit?.('queue', applicant.member);
        throw error;
      }
    },
  };
}
