/** Certificate requests (PKCS#10): made where the key lives, read where certificates are issued. */
import { createPublicKey } from 'node:crypto';
import forge from 'node-forge';
import { GatewayError } from '../core/errors.ts';
import { fieldText, subjectFields } from './forge-certificate.ts';
import { signatureKind, SOUND_RSA } from './private-key.ts';
import type { IssuedProfile } from './profiles.ts';

export interface RequestSubject {
  /** Name of the person, or of the gateway. */
  readonly commonName: string;
  readonly organization?: string;
}

export interface CertificateRequest {
  readonly publicKey: forge.pki.rsa.PublicKey;
  readonly subject: RequestSubject;
  readonly profile: string;
}

/** Returns the request as PEM; the profile asked for stands in its organizational unit. */
export function createRequest(profile: IssuedProfile, subject: RequestSubject, keyPem: string): string {
  const key = readRsaKey(keyPem);
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  request.setSubject([...subjectFields(subject), { shortName: 'OU', value: profile }]);
  request.sign(key, forge.md.sha256.create());
  return forge.pki.certificationRequestToPem(request);
}

/** Untrusted input. Proves that the sender holds the key; names are given by the issuer, never taken from here. */
export function readRequest(csrPem: string): CertificateRequest {
  const request = parse(csrPem);
  const publicKey = request.publicKey as forge.pki.rsa.PublicKey;
  const spki = createPublicKey(forge.pki.publicKeyToPem(publicKey));
  if (signatureKind(spki) !== 'rsa') refuse(`the key must be ${SOUND_RSA}`);
  if (!verified(request)) refuse('the request is not signed by its own key');
  const commonName = text(request, 'CN');
  if (commonName === undefined) refuse('the request has no common name');
  const organization = text(request, 'O');
  return {
    publicKey,
    subject: organization === undefined ? { commonName } : { commonName, organization },
    profile: text(request, 'OU') ?? '',
  };
}

type ForgeRequest = ReturnType<typeof forge.pki.certificationRequestFromPem>;

function parse(csrPem: string): ForgeRequest {
  try {
    return forge.pki.certificationRequestFromPem(csrPem);
  } catch (cause) {
    throw new GatewayError('pki.request-invalid', 'expected a PKCS#10 request in PEM with an RSA key', {
      cause,
    });
  }
}

function verified(request: ForgeRequest): boolean {
  try {
    return request.verify();
  } catch {
    return false;
  }
}

function text(request: ForgeRequest, shortName: string): string | undefined {
  const field = request.subject.getField(shortName) as forge.pki.CertificateField | null;
  return field === null ? undefined : fieldText(field);
}

function readRsaKey(keyPem: string): forge.pki.rsa.PrivateKey {
  try {
    return forge.pki.privateKeyFromPem(keyPem);
  } catch (cause) {
    throw new GatewayError('pki.key-invalid', 'expected an RSA private key in PEM', { cause });
  }
}

function refuse(message: string): never {
  throw new GatewayError('pki.request-invalid', message);
}
