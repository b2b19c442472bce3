/** The limits of a gateway: the configuration's over the defaults, checked for sense. */
import type { GatewayConfig } from '../config.ts';
import { GatewayError } from '../core/errors.ts';
import type { Rate } from '../federation/rates/rate.ts';
import { defaultMemberLimits, type MemberLimits } from '../http/member/limits.ts';
import { defaultPeerLimits, type PeerLimits, type Rates } from '../http/peer/limits.ts';

export type PeerLimitSettings = Partial<Omit<PeerLimits, 'rates' | 'maxConnections'>> & {
  readonly rates?: Partial<Rates>;
  /** Part of each rate that one process allows itself while PostgreSQL does not answer. */
  readonly fallbackShare?: number;
};

export type MemberLimitSettings = Partial<MemberLimits>;

/** Throws `config.invalid` when two settings contradict each other; the schema has checked each by itself. */
export function peerLimitsOf({ peer }: Pick<GatewayConfig, 'peer'>): PeerLimits {
  const { rates, ...settings } = peer.limits ?? {};
  const { maxConnections = defaultPeerLimits.maxConnections } = peer;
  const limits = {
    ...defaultPeerLimits,
    ...settings,
    maxConnections,
    rates: { ...defaultPeerLimits.rates, ...rates },
  };
  demand(limits.headersTimeoutMs <= limits.requestTimeoutMs, 'headersTimeoutMs is above requestTimeoutMs');
  demand(limits.memberConcurrency <= limits.concurrency, 'memberConcurrency is above concurrency');
  demand(limits.maxBodyBytes <= limits.bodyBytesInFlight, 'maxBodyBytes is above bodyBytesInFlight');
  for (const own of [limits.rates, ...Object.values(limits.memberRates)]) checkRates(own);
  return limits;
}

export function memberLimitsOf({ memberPlane }: Pick<GatewayConfig, 'memberPlane'>): MemberLimits {
  const limits = { ...defaultMemberLimits, ...memberPlane.limits };
  demand(limits.connectionsPerAddress <= limits.connections, 'connectionsPerAddress is above connections');
  return limits;
}

/** Less than a second's worth would refuse a steady caller that keeps to its rate. */
function checkRates(rates: Partial<Rates>): void {
  for (const [kind, { perSecond, burst }] of Object.entries<Rate>(rates as Rates))
    demand(burst >= perSecond, `the burst of ${kind} is below its perSecond`);
}

function demand(met: boolean, problem: string): void {
  if (!met) throw new GatewayError('config.invalid', `limits contradict each other: ${problem}`);
}
