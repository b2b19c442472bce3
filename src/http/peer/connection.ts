/** The certificates of a connection, computed once a socket; whether they count is asked for every request. */
import { createHash, type X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { GatewayError } from '../../core/errors.ts';
import type { CertificateThumbprint } from '../../core/ids.ts';
import { claimsAuthority } from '../../pki/key-usage.ts';

export interface Connection {
  /** base64url SHA-256 of the client's certificate. */
  readonly peer: CertificateThumbprint;
  /** URIs that the client's certificate names. */
  readonly peerUris: readonly string[];
  /** The client's certificate may issue others: it is no gateway's. */
  readonly peerIssues: boolean;
  /** base64url SHA-256 of the certificate we showed on this connection. */
  readonly own: CertificateThumbprint;
}

const known = new WeakMap<TLSSocket, Connection>();

/** Throws `tls.certificate-missing` when a connection has no verified client certificate. */
export function connectionOf(socket: Duplex): Connection {
  if (!(socket instanceof TLSSocket)) throw new GatewayError('tls.certificate-missing');
  const seen = known.get(socket);
  if (seen !== undefined) return seen;
  const peer = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  const own = socket.getX509Certificate();
  if (peer === undefined || own === undefined) throw new GatewayError('tls.certificate-missing');
  const connection = connectionBetween(peer, thumbprintOf(own));
  known.set(socket, connection);
  return connection;
}

/** What the checks need of a connection on which this certificate was shown. */
export function connectionBetween(peer: X509Certificate, own: CertificateThumbprint): Connection {
  return { peer: thumbprintOf(peer), peerUris: urisOf(peer), peerIssues: claimsAuthority(peer), own };
}

function thumbprintOf(certificate: X509Certificate): CertificateThumbprint {
  return createHash('sha256').update(certificate.raw).digest('base64url');
}

function urisOf(certificate: X509Certificate): string[] {
  const names = certificate.subjectAltName?.split(', ') ?? [];
  return names.filter((name) => name.startsWith('URI:')).map((name) => name.slice(4));
}
