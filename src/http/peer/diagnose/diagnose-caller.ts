/** The client certificate of a captured request; without one the token's own words stand in for it. */
import { X509Certificate } from 'node:crypto';
import { seconds } from '../../../core/clock.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { RegistryView } from '../../../federation/registry/registry-view.ts';
import { isObject } from '../../../wire/json/json-form.ts';
import { registeredMember, type Caller } from '../checks/caller.ts';
import { connectionBetween, type Connection } from '../connection.ts';
import type { Capture } from './capture.ts';
import type { DiagnosisDeps, Noted } from './diagnose.ts';
import { exhaust, findingOf, type Mended } from './finding.ts';

interface Shown {
  readonly connection: Connection;
  readonly view: RegistryView;
  readonly now: Date;
}

export async function diagnoseCaller(
  { clientCertificate }: Capture,
  { view, now }: DiagnosisDeps,
  { findings, unchecked, token }: Noted & { readonly token: string | undefined },
): Promise<Caller> {
  const claimed = claimsOf(token);
  if (clientCertificate === undefined) {
    unchecked.push('client certificate and its binding to the token: the capture has none');
    return { member: claimed.iss, certificate: claimed.x5t, ownCertificate: '', registry: view };
  }
  const connection = connectionBetween(clientCertificate, '');
  if (!isIssued(clientCertificate, view)) {
    const words = { expected: "a certificate of one of the registry's CAs", came: clientCertificate.issuer };
    findings.push(findingOf('certificate', new GatewayError('tls.certificate-missing'), words));
  }
  const shown = await exhaust(
    findings,
    { connection, view, now },
    {
      check: 'certificate',
      ask: (input) => registeredMember(input.connection, input.view, input.now),
      mend,
    },
  );
  const member = shown?.result ?? view.certificate(connection.peer)?.member ?? claimed.iss;
  return { member, certificate: connection.peer, ownCertificate: '', registry: view };
}

function mend({ code }: GatewayError, shown: Shown): Mended<Shown> {
  const { connection, view, now } = shown;
  const listed = view.certificate(connection.peer);
  if (listed === undefined) return { input: undefined, expected: 'a listed x5t', came: connection.peer };
  if (code === 'tls.certificate-unregistered') {
    const name = `urn:lianzheng:${view.body.alliance}:${listed.member}:`;
    const named = { ...connection, peerUris: [`${name}gateway`] };
    return {
      input: { ...shown, connection: named },
      expected: `${name}<gateway>`,
      came: connection.peerUris.join(', '),
    };
  }
  if (code === 'tls.certificate-expired') {
    const inForce = {
      ...view,
      certificate: () => ({ ...listed, nbf: 0, exp: seconds(now) + 1, revoked: undefined }),
    };
    const until = new Date(listed.exp * 1000).toISOString();
    const came = listed.revoked === undefined ? now.toISOString() : `revoked ${listed.revoked.at}`;
    return {
      input: { ...shown, view: inForce as unknown as RegistryView },
      expected: `valid until ${until}`,
      came,
    };
  }
  const came = view.member(listed.member)?.status ?? 'not listed';
  return { input: { ...shown, view: { ...view, active: () => true } }, expected: 'active', came };
}

function isIssued(certificate: X509Certificate, { body }: RegistryView): boolean {
  return body.cas.some((pem) => {
    const ca = new X509Certificate(pem);
    return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
  });
}

/** Untrusted, unverified: only to go on looking for other faults with. */
function claimsOf(token = ''): { readonly iss: string; readonly x5t: string } {
  try {
    const value: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const claims = isObject(value as never) ? (value as Record<string, unknown>) : {};
    const { 'x5t#S256': x5t } = (claims['cnf'] ?? {}) as Record<string, unknown>;
    return { iss: textOr(claims['iss']), x5t: textOr(x5t) };
  } catch {
    return { iss: '', x5t: '' };
  }
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
