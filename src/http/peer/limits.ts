/** Limits of the peer plane. Everything a stranger can make us hold has one; docs/limits.md tells what each is for. */
import type { Rate } from '../../federation/rates/rate.ts';
import type { DoorLimit } from '../limits/door.ts';
import type { PaceLimits } from '../limits/pace.ts';
import type { QueueLimits } from './fair-queue.ts';

/** What a member's requests are counted by. */
export type RequestClass = 'messages' | 'parts' | 'status' | 'ledger' | 'witness';

export type Rates = Readonly<Record<RequestClass, Rate>>;

export interface PeerLimits extends QueueLimits, PaceLimits {
  /** Largest body of a message, status or parts request. */
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
  readonly memberConnections: number;
  /** Of all certificates together that our authorities issued and the registry does not list. */
  readonly unlistedConnections: number;
  readonly handshakesPerAddress: number;
  readonly handshakes: number;
  readonly newConnectionsPerSecond: number;
  readonly requestsPerConnection: number;
  readonly handshakeTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** A connection on which nothing moves, in the middle of a request or answer. */
  readonly idleTimeoutMs: number;
  readonly rates: Rates;
  /** Members with rates of their own. */
  readonly memberRates: Readonly<Record<string, Partial<Rates>>>;
}

export const defaultPeerLimits: PeerLimits = {
  maxBodyBytes: 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 1024,
  memberConnections: 64,
  unlistedConnections: 16,
  handshakesPerAddress: 64,
  handshakes: 256,
  newConnectionsPerSecond: 50,
  requestsPerConnection: 10_000,
  handshakeTimeoutMs: 5000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  minBytesPerSecond: 4096,
  paceGraceMs: 5000,
  concurrency: 64,
  memberConcurrency: 48,
  queuePerMember: 128,
  queueWaitMs: 5000,
  bodyBytesInFlight: 128 * 1024 * 1024,
  rates: {
    messages: { perSecond: 5000, burst: 10_000 },
    parts: { perSecond: 200, burst: 400 },
    status: { perSecond: 100, burst: 200 },
    ledger: { perSecond: 1000, burst: 2000 },
    witness: { perSecond: 50, burst: 100 },
  },
  memberRates: {},
};

/** What a limit did, for a counter: one call for each connection or request that it met. */
export type LimitEvent = `connection.${DoorLimit}` | 'rate' | 'queue' | 'pace' | 'rates-local';
