/** Reads an uploaded CMS signature: a small binary body of untrusted bytes that src/pki alone decodes. */
import type { Request } from 'express';
import { readBody } from './read-body.ts';

const SIGNATURE_BYTES = 64 * 1024;

export function readSignature(request: Request): Promise<Buffer> {
  return readBody(request, SIGNATURE_BYTES);
}
