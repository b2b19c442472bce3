/** Connections to one peer: TLS 1.3, client certificate, server certificate pinned to the registry. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { DEFAULT_CIPHERS, TLSSocket, type PeerCertificate } from 'node:tls';
import { buildConnector, Pool } from 'undici';
import type { Clock } from '../../core/clock.ts';
import { seconds } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { CertificateThumbprint, MemberId } from '../../core/ids.ts';
import { claimsAuthority } from '../../pki/key-usage.ts';
import { x5t } from '../../pki/thumbprint.ts';
import { demandConnectable, guardedLookup, type Resolve } from './address-policy.ts';
import { readAuthority } from './authority.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';
import { validAt, type RegistryView } from '../registry/registry-view.ts';

export interface PeerPool {
  readonly authority: string;
  readonly pool: Pool;
  /** Thumbprints that servers of this pool have shown and that were registered then. */
  readonly presented: ReadonlySet<CertificateThumbprint>;
  /** Open connections, each with the certificate that the server showed on it. */
  readonly sockets: ReadonlyMap<TLSSocket, CertificateThumbprint>;
  /** Thumbprint of the certificate that we show on these connections. */
  readonly certificate: CertificateThumbprint;
}

/** PEM. May be exchanged while a gateway runs: what is opened from then on shows the new one. */
export interface ClientIdentity {
  readonly key: string;
  readonly cert: string;
  readonly onChange?: (listener: () => void) => void;
}

export interface PeerPoolOptions {
  readonly to: MemberId;
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly tls: ClientIdentity;
  readonly clock: Clock;
  readonly allowPrivateNetworks: boolean;
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

/** OpenSSL's level 2: no RSA below 2,048 bits and no SHA-1 anywhere in a chain, whatever the registry lists. */
const CIPHERS = `${DEFAULT_CIPHERS}:@SECLEVEL=2`;
const CONNECTIONS = 8;
const CONNECT_MS = 5_000;
/** The peer may wait 10 s for its ledger. */
const ANSWER_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Targets come from the registry only. Throws `exchange.target-refused` when the peer has none or a denied one. */
export function openPeerPool(options: PeerPoolOptions): PeerPool {
  const view = options.registry.current();
  const authority = view.active(options.to) ? view.authorityOf(options.to) : undefined;
  if (authority === undefined) {
    throw new GatewayError('exchange.target-refused', `the registry lists no gateway of ${options.to}`);
  }
  const host = readAuthority(authority)?.host;
  if (host === undefined) throw refused(options.to, `${authority} is no plain host and port`);
  demandConnectable(host, options.allowPrivateNetworks);
  const presented = new Set<CertificateThumbprint>();
  const sockets = new Map<TLSSocket, CertificateThumbprint>();
  const { key, cert } = options.tls;
  // Identity checks belong in `connect`: undici dropped functions given in `tls` (CVE-2026-109383).
  const connector = buildConnector({
    ca: [...view.body.cas],
    key,
    cert,
    minVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    maxCachedSessions: 0,
    allowH2: false,
    timeout: CONNECT_MS,
    rejectUnauthorized: true,
    lookup: guardedLookup(options.allowPrivateNetworks, options.resolve),
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      identityProblem(certificate, { ...options, host, presented }),
  });
  const pool = new Pool(`https://${authority}`, {
    connections: CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    connect: remembering(connector, sockets),
  });
  return { authority, pool, presented, sockets, certificate: x5t(cert) };
}

/** Open sockets are kept with the certificate that was shown, so that they end with it. */
function remembering(
  connector: buildConnector.connector,
  sockets: Map<TLSSocket, CertificateThumbprint>,
): buildConnector.connector {
  return (options, done) =>
    connector(options, (...[error, socket]) => {
      if (error !== null) return done(error, null);
      const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
      if (!(socket instanceof TLSSocket) || shown === undefined) {
        socket.destroy();
        return done(new GatewayError('exchange.target-refused', 'the peer showed no certificate'), null);
      }
      sockets.set(socket, x5t(shown.raw));
      socket.once('close', () => sockets.delete(socket));
      return done(null, socket);
    });
}

/** Whether the registry of now lists this certificate for the member, in its validity. */
export function isGatewayOf(
  view: RegistryView,
  member: MemberId,
  shown: { readonly x5t: CertificateThumbprint; readonly now: Date },
): boolean {
  const registered = view.certificate(shown.x5t);
  return registered?.member === member && validAt(registered, seconds(shown.now));
}

function identityProblem(
  certificate: PeerCertificate,
  expected: PeerPoolOptions & { readonly host: string; readonly presented: Set<CertificateThumbprint> },
): Error | undefined {
  const { to, host } = expected;
  const x509 = new X509Certificate(certificate.raw);
  const named =
    isIP(host) === 0 ? x509.checkHost(host, { wildcards: false, subject: 'never' }) : x509.checkIP(host);
  if (named === undefined) return refused(to, `the certificate of ${to} does not name ${host}`);
  if (claimsAuthority(x509) || !namesMember(x509, expected.registry.current(), to))
    return refused(to, `the certificate of ${host} does not name ${to} as a gateway`);
  const shown = x5t(certificate.raw);
  if (!isGatewayOf(expected.registry.current(), to, { x5t: shown, now: expected.clock() })) {
    return refused(to, `the registry does not list the certificate that ${to} shows`);
  }
  expected.presented.add(shown);
  return undefined;
}

/** As the peer plane asks of a client's: SAN URI `urn:lianzheng:<alliance>:<member>:<gateway>`. */
function namesMember(
  { subjectAltName = '' }: X509Certificate,
  { body }: RegistryView,
  to: MemberId,
): boolean {
  const name = `URI:urn:lianzheng:${body.alliance}:${to}:`;
  return subjectAltName.split(', ').some((one) => one.startsWith(name));
}

function refused(to: MemberId, message: string): GatewayError {
  return new GatewayError('exchange.target-refused', message, { facts: { peer: to } });
}
