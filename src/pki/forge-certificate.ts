/** The part that all issued certificates share: subject, validity, extensions by profile, signature (node-forge). */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';
import { GatewayError } from '../core/errors.ts';
import { certificateProfile, type CertificateProfile, type ProfileName } from './profiles.ts';

export interface CertificateNames {
  /** `urn:lianzheng:…`, by the profile's form. */
  readonly uri: string;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
}

export interface Validity {
  readonly nbf: Date;
  readonly exp: Date;
}

export interface CertificateContent extends Validity {
  readonly profile: ProfileName;
  readonly publicKey: forge.pki.rsa.PublicKey;
  readonly subject: forge.pki.CertificateField[];
  readonly names: CertificateNames;
}

export interface Issuer {
  readonly subject: forge.pki.CertificateField[];
  readonly publicKey: forge.pki.rsa.PublicKey;
  readonly key: forge.pki.rsa.PrivateKey;
}

const DAY_MS = 86_400_000;
const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const SAN_DNS = 2;
const SAN_URI = 6;
const SAN_IP = 7;

/** Returns the certificate as PEM. Throws `pki.certificate-invalid` when it would break its profile. */
export function makeCertificate(content: CertificateContent, issuer: Issuer): string {
  const profile = certificateProfile(content.profile);
  assertNames(profile, content.names);
  assertValidity(profile, content);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = content.publicKey;
  // A positive number of 127 bits (RFC 5280, 4.1.2.2), so that no two certificates share one.
  certificate.serialNumber = `4${randomBytes(16).toString('hex').slice(1)}`;
  certificate.validity = { notBefore: content.nbf, notAfter: content.exp };
  certificate.setSubject(content.subject);
  certificate.setIssuer(issuer.subject);
  certificate.setExtensions(extensions(content, issuer));
  certificate.sign(issuer.key, forge.md.sha256.create());
  // forge ends lines with CRLF; everyone else, the registry's schema included, with LF.
  return forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
}

/** An X.500 name whose texts may be Chinese. */
export function subjectFields(subject: {
  readonly commonName: string;
  readonly organization?: string;
}): forge.pki.CertificateField[] {
  const organization = subject.organization === undefined ? [] : [field('O', subject.organization)];
  return [...organization, field('CN', subject.commonName)];
}

function field(shortName: string, value: string): forge.pki.CertificateField {
  const utf8 = forge.asn1.Type.UTF8 as unknown as forge.asn1.Class;
  return { shortName, value, valueTagClass: utf8 };
}

/** forge hands UTF8String values on as bytes: the text of a field that was read from DER. */
export function fieldText(field: forge.pki.CertificateField): string {
  const value = typeof field.value === 'string' ? field.value : '';
  return isUtf8(field) ? forge.util.decodeUtf8(value) : value;
}

/** The name of a certificate that was read, ready to be written again with the same bytes. */
export function readFields(fields: readonly forge.pki.CertificateField[]): forge.pki.CertificateField[] {
  return fields.map((each) => ({ ...each, value: fieldText(each) }));
}

function isUtf8(field: forge.pki.CertificateField): boolean {
  return (field.valueTagClass as unknown) === forge.asn1.Type.UTF8;
}

function assertNames(profile: CertificateProfile, names: CertificateNames): void {
  if (!new RegExp(profile.uri).test(names.uri)) refuse(`the name ${names.uri} does not fit ${profile.uri}`);
  const dns = names.dns ?? [];
  const ip = names.ip ?? [];
  const hosts = dns.length + ip.length;
  if (profile.hosts === 'required' && hosts === 0) refuse('a DNS name or IP address is needed');
  if (profile.hosts === 'none' && hosts > 0) refuse('no DNS name or IP address may stand in it');
  const badHost = dns.find((name) => !HOST.test(name)) ?? ip.find((address) => isIP(address) === 0);
  if (badHost !== undefined) refuse(`${badHost} is no exact lower-case host name or IP address`);
}

function assertValidity(profile: CertificateProfile, { nbf, exp }: Validity): void {
  const days = (exp.getTime() - nbf.getTime()) / DAY_MS;
  if (days > 0 && days <= profile.maxDays) return;
  refuse(`life must be above 0 and at most ${String(profile.maxDays)} days, got ${days.toFixed(1)}`);
}

function extensions(content: CertificateContent, issuer: Issuer): object[] {
  const profile = certificateProfile(content.profile);
  const authority = content.profile === 'authority';
  const issuerKeyId = forge.pki.getPublicKeyFingerprint(issuer.publicKey, {
    type: 'RSAPublicKey',
    md: forge.md.sha1.create(),
  });
  return [
    authority
      ? { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true }
      : { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', critical: true, ...flags(profile.keyUsage) },
    ...(profile.extKeyUsage.length > 0 ? [{ name: 'extKeyUsage', ...flags(profile.extKeyUsage) }] : []),
    { name: 'subjectAltName', altNames: altNames(content.names) },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuerKeyId.getBytes() },
  ];
}

function flags(names: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(names.map((name) => [name, true]));
}

function altNames(names: CertificateNames): object[] {
  return [
    { type: SAN_URI, value: names.uri },
    ...(names.dns ?? []).map((value) => ({ type: SAN_DNS, value })),
    ...(names.ip ?? []).map((ip) => ({ type: SAN_IP, ip })),
  ];
}

function refuse(message: string): never {
  throw new GatewayError('pki.certificate-invalid', message);
}
