/** Certificate thumbprints (RFC 8705 `x5t#S256`): the name under which the registry lists a certificate. */
import { X509Certificate } from 'node:crypto';
import type { CertificateThumbprint } from '../core/ids.ts';
import { sha256 } from '../core/digest.ts';
import { GatewayError } from '../core/errors.ts';

/** @param certificate PEM or DER */
export function x5t(certificate: string | Uint8Array): CertificateThumbprint {
  return sha256(readCertificate(certificate).raw).toString('base64url');
}

/** Throws `pki.certificate-invalid` when the text is no certificate. */
export function readCertificate(certificate: string | Uint8Array): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch (cause) {
    throw new GatewayError('pki.certificate-invalid', 'expected one X.509 certificate', { cause });
  }
}
