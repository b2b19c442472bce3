/** A member's own certificate authority, before the alliance trusts it; and how any CA is named to people. */
import type { X509Certificate } from 'node:crypto';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { KEY_CERT_SIGN, keyUsageBits } from '../key-usage.ts';
import { readCertificate } from '../thumbprint.ts';
import { CERTIFICATE_KEYS, isCertificateKey } from './certificate-key.ts';

/**
 * Returns the certificate in the one PEM form that registries take. Self-signed, because Node's TLS trusts no chain
 * that ends below a root. Throws `pki.certificate-invalid`.
 */
export function readAuthority(pem: string, now: Date): string {
  const ca = readCertificate(pem);
  if (!ca.ca) refuse('the certificate is no CA (basicConstraints)');
  if (!ca.checkIssued(ca) || !ca.verify(ca.publicKey))
    refuse('the CA must be a root: it is not signed by itself');
  if ((keyUsageBits(ca) & KEY_CERT_SIGN) === 0) refuse('the key usage of the CA lacks keyCertSign');
  if (!isCertificateKey(ca.publicKey)) refuse(`the key of the CA must be ${CERTIFICATE_KEYS}`);
  if (now < new Date(ca.validFrom) || now > new Date(ca.validTo))
    refuse(`the CA is valid from ${ca.validFrom} to ${ca.validTo}`);
  return pemOf(ca);
}

/** For people; what is no certificate is named by the digest of its text. */
export function authorityName(pem: string): { readonly sha256: string; readonly text: string } {
  try {
    const { raw, subject, validTo } = readCertificate(pem);
    const sha256 = sha256Hex(raw);
    const end = new Date(validTo).toISOString();
    return { sha256, text: `${subject.replaceAll('\n', ', ')} (${sha256}), until ${end}` };
  } catch {
    const sha256 = sha256Hex(pem);
    return { sha256, text: sha256 };
  }
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString().trimEnd()}\n`;
}

function refuse(message: string): never {
  throw new GatewayError('pki.certificate-invalid', message);
}
