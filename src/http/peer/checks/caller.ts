/** Check 1: the client certificate, on every request, against the registry as it is now. */
import type { Socket } from 'node:net';
import { seconds } from '../../../core/clock.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { CertificateThumbprint, MemberId } from '../../../core/ids.ts';
import type { RegistryKeeper } from '../../../federation/registry/registry-keeper.ts';
import { validAt, type RegistryView } from '../../../federation/registry/registry-view.ts';
import { connectionOf, type Connection } from '../connection.ts';

export interface Caller {
  /** The member that the registry lists the certificate for. Not yet proven by a token. */
  readonly member: MemberId;
  readonly certificate: CertificateThumbprint;
  readonly ownCertificate: CertificateThumbprint;
  /** The registry that this request is judged by from here on. */
  readonly registry: RegistryView;
}

/** Nothing is remembered on the socket but the thumbprints: a registry change counts from the next request on. */
export function checkCaller(
  socket: Socket,
  registry: Pick<RegistryKeeper, 'current' | 'assertFresh'>,
  now: Date,
): Caller {
  const connection = connectionOf(socket);
  const view = registry.current();
  const member = registeredMember(connection, view, now);
  registry.assertFresh(now);
  return { member, certificate: connection.peer, ownCertificate: connection.own, registry: view };
}

/** The active member that the connection's certificate is listed for, valid and not revoked; throws `tls.*`. */
export function registeredMember(connection: Connection, view: RegistryView, now: Date): MemberId {
  const certificate = view.certificate(connection.peer);
  if (certificate === undefined) throw new GatewayError('tls.certificate-unregistered');

  const name = `urn:lianzheng:${view.body.alliance}:${certificate.member}:`;
  if (!connection.peerUris.some((uri) => uri.startsWith(name))) {
    throw new GatewayError(
      'tls.certificate-unregistered',
      `expected the certificate to name ${name}<gateway>`,
    );
  }

  if (connection.peerIssues) {
    throw new GatewayError('tls.certificate-unregistered', 'expected a certificate that issues no others');
  }

  if (!validAt(certificate, seconds(now))) throw new GatewayError('tls.certificate-expired');

  if (!view.active(certificate.member)) throw new GatewayError('tls.member-suspended');
  return certificate.member;
}
