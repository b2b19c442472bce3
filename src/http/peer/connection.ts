/** The certificates of a connection, computed once a socket; whether they count is asked for every request. */
import { hash, type X509Certificate } from 'node:crypto';
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

/** What a certificate says of itself. */
type Said = Pick<Connection, 'peerUris' | 'peerIssues'>;

const known = new WeakMap<TLSSocket, Connection>();
/** By thumbprint: a peer connects with the same certificate again and again, and parsing one takes a millisecond. */
const read = new Map<CertificateThumbprint, Said>();
const MOST_READ = 1024;

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
  const thumbprint = thumbprintOf(peer);
  const { peerUris, peerIssues } = read.get(thumbprint) ?? readCertificate(thumbprint, peer);
  return { peer: thumbprint, peerUris, peerIssues, own };
}

function readCertificate(thumbprint: CertificateThumbprint, peer: X509Certificate): Said {
  const said = { peerUris: urisOf(peer), peerIssues: claimsAuthority(peer) };
  if (read.size >= MOST_READ) read.clear();
  read.set(thumbprint, said);
  return said;
}

function thumbprintOf(certificate: X509Certificate): CertificateThumbprint {
  return hash('sha256', certificate.raw, 'base64url');
}

function urisOf(certificate: X509Certificate): string[] {
  const names = certificate.subjectAltName?.split(', ') ?? [];
  return names.filter((name) => name.startsWith('URI:')).map((name) => name.slice(4));
}
