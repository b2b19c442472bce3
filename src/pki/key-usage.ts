/** The key usage bits of a certificate (RFC 5280, 4.2.1.3): Node shows the extended key usage only. */
import type { X509Certificate } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';

const KEY_USAGE = '2.5.29.15';

export const DIGITAL_SIGNATURE = 0x80;
export const NON_REPUDIATION = 0x40;
export const KEY_CERT_SIGN = 0x04;

/** The first byte of the extension; 0 when there is none. */
export function keyUsageBits(certificate: X509Certificate): number {
  const extension = pkijs.Certificate.fromBER(certificate.raw).extensions?.find(
    (each) => each.extnID === KEY_USAGE,
  );
  const bits = extension?.parsedValue as unknown;
  return bits instanceof asn1js.BitString ? (bits.valueBlock.valueHexView[0] ?? 0) : 0;
}
