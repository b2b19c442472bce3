/** Certificates as no honest authority would issue them: src/pki refuses to, so they are made with forge alone. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import forge from 'node-forge';
import type { Authority } from '../../src/pki/authority.ts';
import { x5t } from '../../src/pki/thumbprint.ts';

export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly x5t: string;
}

export type AltName =
  { readonly type: 2 | 6; readonly value: string } | { readonly type: 7; readonly ip: string };
export const uri = (value: string): AltName => ({ type: 6, value });
export const dns = (value: string): AltName => ({ type: 2, value });
export const ip = (address: string): AltName => ({ type: 7, ip: address });

export interface Wanted {
  readonly issuer: Authority | 'self';
  /** PKCS#8 PEM. */
  readonly key: string;
  readonly commonName?: string;
  readonly names?: readonly AltName[];
  /** Empty: no extended key usage at all. */
  readonly usage?: readonly ('clientAuth' | 'serverAuth' | 'emailProtection')[];
  readonly ca?: boolean;
  /** From now, in hours. */
  readonly life?: readonly [nbf: number, exp: number];
  readonly digest?: 'sha256' | 'sha1';
  /** PEM, sent after the leaf. */
  readonly chain?: string;
}

const HOUR_MS = 3_600_000;

export function makeBadCertificate(wanted: Wanted): Identity {
  const { issuer, key: keyPem, names = [], usage = ['clientAuth', 'serverAuth'], life = [-1, 24] } = wanted;
  const own = forge.pki.privateKeyFromPem(keyPem);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(own.n, own.e);
  certificate.serialNumber = `4${randomBytes(16).toString('hex').slice(1)}`;
  certificate.validity.notBefore = new Date(Date.now() + life[0] * HOUR_MS);
  certificate.validity.notAfter = new Date(Date.now() + life[1] * HOUR_MS);
  const subject = [{ shortName: 'CN', value: wanted.commonName ?? 'bank-a gw1' }];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer === 'self' ? subject : subjectOf(issuer.certPem));
  certificate.setExtensions([
    { name: 'basicConstraints', cA: wanted.ca === true, critical: true },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyCertSign: wanted.ca === true },
    ...(usage.length > 0
      ? [{ name: 'extKeyUsage', ...Object.fromEntries(usage.map((one) => [one, true])) }]
      : []),
    ...(names.length > 0 ? [{ name: 'subjectAltName', altNames: names }] : []),
  ]);
  const signer = issuer === 'self' ? own : forge.pki.privateKeyFromPem(issuer.keyPem);
  certificate.sign(signer, forge.md[wanted.digest ?? 'sha256'].create());
  const cert = forge.pki.certificateToPem(certificate);
  return { cert: cert + (wanted.chain ?? ''), key: keyPem, x5t: x5t(cert) };
}

export function newRsaKey(bits: number): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** With the very bytes of the name, so that the chain is found. */
function subjectOf(pem: string): forge.pki.CertificateField[] {
  return forge.pki.certificateFromPem(pem).subject.attributes.map((each) => ({
    ...each,
    value: isUtf8(each) ? forge.util.decodeUtf8(String(each.value)) : each.value,
  }));
}

function isUtf8(field: forge.pki.CertificateField): boolean {
  return (field.valueTagClass as unknown) === forge.asn1.Type.UTF8;
}
