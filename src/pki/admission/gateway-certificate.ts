/** A gateway's certificate from the member's own CA, judged by the profile that the alliance's CA keeps by itself. */
import { isIP } from 'node:net';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { seconds } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { claimsAuthority, DIGITAL_SIGNATURE, keyUsageBits } from '../key-usage.ts';
import { certificateProfile } from '../profiles.ts';
import { certificateUri } from '../signer-certificate.ts';
import { readCertificate, x5t } from '../thumbprint.ts';
import { CERTIFICATE_KEYS, isCertificateKey } from './certificate-key.ts';

export interface GatewayCertificateDemands {
  /** `urn:lianzheng:<alliance>:<member>:<gateway>` */
  readonly uri: string;
  /** As the registry lists it, `host:port`. */
  readonly authority: string;
  /** PEM of the CA that must have issued it. */
  readonly ca: string;
  /** From the certificate request: that the sender holds this key is proven. */
  readonly key: KeyObject;
  readonly now: Date;
}

export interface JudgedCertificate {
  readonly x5t: string;
  /** POSIX seconds. */
  readonly nbf: number;
  readonly exp: number;
}

const DAY_MS = 86_400_000;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Throws `pki.certificate-invalid` that names the first demand it breaks. */
export function judgeGatewayCertificate(pem: string, demands: GatewayCertificateDemands): JudgedCertificate {
  const certificate = readCertificate(pem);
  const ca = readCertificate(demands.ca);
  if (!certificate.checkIssued(ca) || !certificate.verify(ca.publicKey))
    refuse('the certificate was not issued by the CA');
  if (!certificate.publicKey.equals(demands.key))
    refuse('the certificate is for another key than the request');
  if (!isCertificateKey(certificate.publicKey)) refuse(`the key must be ${CERTIFICATE_KEYS}`);
  if (claimsAuthority(certificate)) refuse('a CA certificate is no gateway certificate');
  if ((keyUsageBits(certificate) & DIGITAL_SIGNATURE) === 0) refuse('the key usage lacks digitalSignature');
  const usages = certificate.keyUsage ?? [];
  if (!usages.includes(SERVER_AUTH) || !usages.includes(CLIENT_AUTH))
    refuse('the extended key usage must name serverAuth and clientAuth');
  const uri = certificateUri(certificate);
  if (uri !== demands.uri) refuse(`the SAN URI must be ${demands.uri}, it is ${uri ?? 'none'}`);
  demandHost(certificate, demands.authority);
  return judgeLife(certificate, ca, demands.now);
}

/** Exactly the name or address that peers call; no wildcard, nothing from the subject. */
function demandHost(certificate: X509Certificate, authority: string): void {
  const host = new URL(`https://${authority}`).hostname.replace(/^\[|\]$/g, '');
  const fits =
    isIP(host) === 0
      ? certificate.checkHost(host, { wildcards: false, subject: 'never' })
      : certificate.checkIP(host);
  if (fits === undefined) refuse(`the SAN names no ${host}: ${certificate.subjectAltName ?? 'none'}`);
}

function judgeLife(certificate: X509Certificate, ca: X509Certificate, now: Date): JudgedCertificate {
  const nbf = new Date(certificate.validFrom);
  const exp = new Date(certificate.validTo);
  const { maxDays } = certificateProfile('gateway');
  if (exp.getTime() - nbf.getTime() > maxDays * DAY_MS) refuse(`its life must be at most ${maxDays} days`);
  if (now < nbf || now > exp) refuse(`it is valid from ${nbf.toISOString()} to ${exp.toISOString()}`);
  if (exp > new Date(ca.validTo)) refuse('it outlives its CA');
  return { x5t: x5t(certificate.raw), nbf: seconds(nbf), exp: seconds(exp) };
}

function refuse(message: string): never {
  throw new GatewayError('pki.certificate-invalid', message);
}
