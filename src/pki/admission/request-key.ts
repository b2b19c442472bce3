/** Proof of possession: the key of a certificate request (PKCS#10, RSA or EC) that the request itself is signed with. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import * as pkijs from 'pkijs';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { CERTIFICATE_KEYS, isCertificateKey } from './certificate-key.ts';

export interface RequestKey {
  readonly key: KeyObject;
  /** SHA-256 of the request's DER, hex. */
  readonly sha256: string;
}

const REQUEST_PEM =
  /^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\s+([A-Za-z0-9+/=\s]+)-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/;

/** Untrusted. Throws `pki.request-invalid`. */
export async function readRequestKey(csrPem: string): Promise<RequestKey> {
  const der = Buffer.from(REQUEST_PEM.exec(csrPem)?.[1] ?? '', 'base64');
  const { key, signed } = await possession(der).catch((cause: unknown) => {
    throw new GatewayError('pki.request-invalid', 'expected a PKCS#10 request in PEM', { cause });
  });
  if (!isCertificateKey(key)) refuse(`the key of the request must be ${CERTIFICATE_KEYS}`);
  if (!signed) refuse('the request is not signed by its own key');
  return { key, sha256: sha256Hex(der) };
}

async function possession(der: Buffer): Promise<{ readonly key: KeyObject; readonly signed: boolean }> {
  const request = pkijs.CertificationRequest.fromBER(der);
  const spki = Buffer.from(request.subjectPublicKeyInfo.toSchema().toBER());
  return {
    key: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    signed: await request.verify().catch(() => false),
  };
}

function refuse(message: string): never {
  throw new GatewayError('pki.request-invalid', message);
}
