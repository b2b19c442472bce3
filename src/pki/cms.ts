/** CAdES-BES signatures of people over a manifest: one made, several merged, all verified; `openssl cms` agrees. */
import { sign, timingSafeEqual, verify, type X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { CertificateThumbprint } from '../core/ids.ts';
import { sha256 } from '../core/digest.ts';
import { GatewayError } from '../core/errors.ts';
import { decodeSignedData, encodeSignedData, hasExactForm, type SignerPart } from './cms-form.ts';
import { readPrivateKey, signatureKind, SOUND_RSA } from './private-key.ts';
import { decodeSignedAttributes, encodeSignedAttributes, type SignedClaims } from './signed-attributes.ts';
import { certificateFault, certificateUri, type CertificateProblem } from './signer-certificate.ts';
import { readCertificate, x5t } from './thumbprint.ts';

export interface CmsSigner {
  readonly certPem: string;
  readonly keyPem: string;
  /** Accepted because PKCS#12 carries it; not embedded: the verifier takes CAs from the registry alone. */
  readonly chainPem?: readonly string[];
}

export interface SignerCheck {
  readonly x5t: CertificateThumbprint;
  /** The certificate's subject, as one line. */
  readonly subject: string;
  readonly uri?: string;
  readonly signingTime?: Date;
  readonly ok: boolean;
  readonly reason?: 'form' | 'content' | 'binding' | 'signature' | CertificateProblem;
  readonly problem?: string;
}

const signInThread = promisify(sign);
const verifyInThread = promisify(verify);

interface Fault {
  readonly reason: NonNullable<SignerCheck['reason']>;
  readonly problem: string;
}

/** One SignerInfo over `content`, DER. RSA (≥ 3072) or EC P-256; throws `pki.key-invalid` otherwise. */
export async function signDetached(content: Buffer, signer: CmsSigner, at: Date): Promise<Buffer> {
  const certificate = readCertificate(signer.certPem);
  const key = readPrivateKey(signer.keyPem);
  if (signatureKind(key) === undefined) {
    throw new GatewayError('pki.key-invalid', `the key must be ${SOUND_RSA}, or EC P-256`);
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new GatewayError('pki.key-invalid', 'the key does not belong to the certificate');
  }
  const signedAttributes = encodeSignedAttributes(content, certificate.raw, at);
  const signature = await signInThread('sha256', signedAttributes, key);
  return encodeSignedData([{ certificate: certificate.raw, signedAttributes, signature }]);
}

/** All signers in one CMS, whatever the order of the list. Throws `packet.signature-invalid` on a doubled signer. */
export function mergeSignatures(list: readonly Buffer[]): Buffer {
  const parts = list.flatMap((cms) => decodeSignedData(cms));
  const certificates = new Set(parts.map((part) => x5t(part.certificate)));
  if (parts.length === 0)
    throw new GatewayError('packet.signature-invalid', 'there is no signature to merge');
  if (certificates.size < parts.length) {
    throw new GatewayError('packet.signature-invalid', 'the same certificate signed twice');
  }
  return encodeSignedData(parts);
}

/** @param cas PEM of the CAs to trust. Throws `packet.signature-invalid` when the bytes are no SignedData. */
export async function verifyDetached(
  cms: Uint8Array,
  content: Uint8Array,
  cas: readonly string[],
): Promise<SignerCheck[]> {
  const parts = decodeSignedData(cms);
  const exact = hasExactForm(cms, parts);
  const context = { exact, digest: sha256(content), cas };
  return Promise.all(parts.map((part) => checkSigner(part, context)));
}

interface SignerContext {
  readonly exact: boolean;
  readonly digest: Buffer;
  readonly cas: readonly string[];
}

async function checkSigner(part: SignerPart, context: SignerContext): Promise<SignerCheck> {
  const certificate = readCertificate(part.certificate);
  const uri = certificateUri(certificate);
  const who = {
    x5t: x5t(part.certificate),
    subject: subjectLine(certificate),
    ...(uri === undefined ? {} : { uri }),
  };
  const claims = readClaims(part.signedAttributes);
  if (claims === undefined) return { ...who, ok: false, ...FORM };
  const fault = await signerFault(part, claims, context);
  const { signingTime } = claims;
  return fault === undefined
    ? { ...who, signingTime, ok: true }
    : { ...who, signingTime, ok: false, ...fault };
}

async function signerFault(
  part: SignerPart,
  claims: SignedClaims,
  context: SignerContext,
): Promise<Fault | undefined> {
  const certificate = readCertificate(part.certificate);
  if (!context.exact) return FORM;
  if (!equal(claims.messageDigest, context.digest)) {
    return { reason: 'content', problem: 'the signature is over other content' };
  }
  if (!equal(claims.certificateDigest, sha256(part.certificate))) {
    return { reason: 'binding', problem: 'signingCertificateV2 names another certificate' };
  }
  if (!(await verifyInThread('sha256', part.signedAttributes, certificate.publicKey, part.signature))) {
    return { reason: 'signature', problem: 'the signature does not verify' };
  }
  return certificateFault(certificate, context.cas, claims.signingTime);
}

const FORM: Fault = { reason: 'form', problem: 'the bytes differ from the one form of this profile' };

function readClaims(signedAttributes: Buffer): SignedClaims | undefined {
  try {
    return decodeSignedAttributes(signedAttributes);
  } catch {
    return undefined;
  }
}

function subjectLine(certificate: X509Certificate): string {
  return certificate.subject.split('\n').join(', ');
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
