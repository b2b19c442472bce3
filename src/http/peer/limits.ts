/** Limits of the peer plane. Everything a stranger can make us hold has one. */

export interface PeerLimits {
  /** Largest body of a message, status or parts request. */
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
  /** Requests a second of one member. */
  readonly memberRate: number;
  /** Requests of one member at one time. */
  readonly memberConcurrency: number;
  /** Announced bytes of all bodies that are being read or worked on. */
  readonly bodyBytesInFlight: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

export const defaultPeerLimits: PeerLimits = {
  maxBodyBytes: 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 1024,
  memberRate: 5000,
  memberConcurrency: 128,
  bodyBytesInFlight: 128 * 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 30_000,
};
