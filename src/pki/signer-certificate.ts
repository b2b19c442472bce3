/** Whether a certificate may sign evidence: issuer among the trusted CAs, validity at the signing time, usage, key. */
import type { X509Certificate } from 'node:crypto';
import { claimsAuthority, DIGITAL_SIGNATURE, keyUsageBits, NON_REPUDIATION } from './key-usage.ts';
import { signatureKind, SOUND_RSA } from './private-key.ts';
import { readCertificate } from './thumbprint.ts';

export type CertificateProblem = 'chain' | 'validity' | 'usage';
export interface CertificateFault {
  readonly reason: CertificateProblem;
  readonly problem: string;
}

const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';

/** Node judges the chain (one link: the profile has no CA below the alliance's or the member's own). */
export function certificateFault(
  certificate: X509Certificate,
  cas: readonly string[],
  at: Date,
): CertificateFault | undefined {
  const issuer = cas.map((pem) => readCertificate(pem)).find((ca) => issued(certificate, ca));
  if (issuer === undefined) return fault('chain', 'no trusted CA issued the certificate');
  if (!validAt(certificate, at)) return fault('validity', lifeMessage('the certificate', certificate, at));
  if (!validAt(issuer, at)) return fault('validity', lifeMessage('the CA', issuer, at));
  if (!certificate.keyUsage?.includes(EMAIL_PROTECTION)) {
    return fault('usage', 'the certificate lacks the extended key usage emailProtection');
  }
  if (!maySign(certificate)) return fault('usage', 'the key usage lacks digitalSignature and nonRepudiation');
  if (claimsAuthority(certificate)) return fault('usage', 'a CA certificate may not sign evidence');
  if (signatureKind(certificate.publicKey) === undefined) {
    return fault('usage', `the key must be ${SOUND_RSA}, or EC P-256`);
  }
  return undefined;
}

/** The SAN URI, `urn:lianzheng:…`, when there is exactly one. */
export function certificateUri(certificate: X509Certificate): string | undefined {
  const names = (certificate.subjectAltName ?? '').split(', ');
  const uris = names.filter((name) => name.startsWith('URI:urn:lianzheng:'));
  return uris.length === 1 ? uris[0]?.slice('URI:'.length) : undefined;
}

function issued(certificate: X509Certificate, ca: X509Certificate): boolean {
  return ca.ca && certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}

function validAt(certificate: X509Certificate, at: Date): boolean {
  return at >= new Date(certificate.validFrom) && at <= new Date(certificate.validTo);
}

function lifeMessage(who: string, { validFrom, validTo }: X509Certificate, at: Date): string {
  const life = `${new Date(validFrom).toISOString()} to ${new Date(validTo).toISOString()}`;
  return `${who} is valid from ${life}, the signing time is ${at.toISOString()}`;
}

function maySign(certificate: X509Certificate): boolean {
  const both = DIGITAL_SIGNATURE | NON_REPUDIATION;
  return (keyUsageBits(certificate) & both) === both;
}

function fault(reason: CertificateProblem, problem: string): CertificateFault {
  return { reason, problem };
}
