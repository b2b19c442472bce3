/** Key usage bits and basic constraints of a certificate (RFC 5280, 4.2.1): Node shows the extended key usage only. */
import type { X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

const KEY_USAGE = '2.5.29.15';

export const DIGITAL_SIGNATURE = 0x80;
export const NON_REPUDIATION = 0x40;
export const KEY_CERT_SIGN = 0x04;

const BASIC_CONSTRAINTS = '2.5.29.19';

/** Node calls no CA what lacks keyCertSign; others look at the basic constraints alone. */
export function claimsAuthority(certificate: X509Certificate): boolean {
  const value = extensionOf(certificate, BASIC_CONSTRAINTS);
  return certificate.ca || (value instanceof pkijs.BasicConstraints && value.cA);
}

/** The first byte of the extension; 0 when there is none. */
export function keyUsageBits(certificate: X509Certificate): number {
  const bits = extensionOf(certificate, KEY_USAGE);
  return bits instanceof asn1js.BitString ? (bits.valueBlock.valueHexView[0] ?? 0) : 0;
}

function extensionOf(certificate: X509Certificate, id: string): unknown {
  const { extensions } = pkijs.Certificate.fromBER(certificate.raw);
  return extensions?.find(({ extnID }) => extnID === id)?.parsedValue;
}
