/** SHA-256 of a body in its two written forms: the header of RFC 9530 and the `cdg` claim. */
import { GatewayError } from '../core/errors.ts';

const HEADER = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

/** `Content-Digest: sha-256=:…:` (RFC 9530). */
export function contentDigestHeader(sha256: Buffer): string {
  return `sha-256=:${sha256.toString('base64')}:`;
}

/** The claims `cdg` and `rcdg`: `sha-256=` and unpadded base64url. */
export function digestClaim(sha256: Buffer): string {
  return `sha-256=${sha256.toString('base64url')}`;
}

/** Reads an untrusted Content-Digest header. One digest, SHA-256, canonical base64; `http.header-invalid` otherwise. */
export function readContentDigest(header: string): Buffer {
  const text = HEADER.exec(header)?.[1];
  const digest = Buffer.from(text ?? '', 'base64');
  if (text === undefined || digest.toString('base64') !== text) {
    throw new GatewayError('http.header-invalid', 'expected Content-Digest: sha-256=:<base64 of 32 bytes>:', {
      facts: { header: 'content-digest' },
    });
  }
  return digest;
}
