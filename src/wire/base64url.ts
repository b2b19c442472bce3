/** The strict base64url gate (RFC 4648 section 5, no padding) that stands before every decoder of signed bytes. */
import type { ErrorCode } from '../core/errors.ts';
import { GatewayError } from '../core/errors.ts';

/**
 * Decodes untrusted text. One text for one value: padding, white space, the other alphabet and stray trailing
 * bits are refused, because Node decodes 'QQ' and 'QR' to the same byte and skips what it does not know.
 */
export function decodeBase64url(text: string, code: ErrorCode = 'token.base64-invalid'): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) {
    throw new GatewayError(
      code,
      'expected canonical base64url without padding, white space or trailing bits',
    );
  }
  return bytes;
}
