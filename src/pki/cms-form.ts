/** The one byte form of a detached CMS SignedData (RFC 5652, DER): built from what its signers made and nothing else. */
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { GatewayError } from '../core/errors.ts';
import { signatureKind } from './private-key.ts';
import { readCertificate } from './thumbprint.ts';

/** All that a signer adds; version, sid, algorithms and order follow from it. */
export interface SignerPart {
  readonly certificate: Buffer;
  /** DER of the SET OF Attribute: the bytes that are signed. */
  readonly signedAttributes: Buffer;
  readonly signature: Buffer;
}

/** A signer takes about 3 KiB; more is an attack on the parser. */
const LARGEST_CMS = 256 * 1024;
const SHA256 = '2.16.840.1.101.3.4.2.1';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const ID_DATA = '1.2.840.113549.1.7.1';
const ID_SIGNED_DATA = '1.2.840.113549.1.7.2';

/** Same signers, same bytes: certificates and SignerInfos are sorted as DER demands of a SET OF. */
export function encodeSignedData(parts: readonly SignerPart[]): Buffer {
  const certificates = parts.map((part) => pkijs.Certificate.fromBER(part.certificate));
  const signers = parts.map((part, index) =>
    signerInfo(part, certificates[index] ?? new pkijs.Certificate()),
  );
  const signedData = new pkijs.SignedData({
    version: 1,
    digestAlgorithms: [new pkijs.AlgorithmIdentifier({ algorithmId: SHA256 })],
    encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: ID_DATA }),
    certificates: sorted(certificates),
    signerInfos: sorted(signers),
  });
  const info = new pkijs.ContentInfo({ contentType: ID_SIGNED_DATA, content: signedData.toSchema() });
  return der(info.toSchema());
}

/** Untrusted input. Throws `packet.signature-invalid` when it is no SignedData with one certificate a signer. */
export function decodeSignedData(cms: Uint8Array): SignerPart[] {
  if (cms.length > LARGEST_CMS) refuse(`a CMS has at most ${String(LARGEST_CMS)} bytes`);
  try {
    const info = pkijs.ContentInfo.fromBER(cms);
    const signedData = new pkijs.SignedData({ schema: info.content as unknown });
    return signedData.signerInfos.map((signer) => decodeSigner(signer, signedData.certificates ?? []));
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('packet.signature-invalid', 'expected a CMS SignedData in DER', { cause });
  }
}

/**
 * True when no byte differs from what `encodeSignedData` writes. Version, sid, algorithm identifiers, the certificate
 * bag and unsigned attributes are covered by no signature; this comparison is what makes a change in them visible.
 */
export function hasExactForm(cms: Uint8Array, parts: readonly SignerPart[]): boolean {
  try {
    return parts.length > 0 && encodeSignedData(parts).equals(cms);
  } catch {
    return false;
  }
}

function signerInfo(part: SignerPart, certificate: pkijs.Certificate): pkijs.SignerInfo {
  return new pkijs.SignerInfo({
    version: 1,
    sid: new pkijs.IssuerAndSerialNumber({
      issuer: certificate.issuer,
      serialNumber: certificate.serialNumber,
    }),
    digestAlgorithm: new pkijs.AlgorithmIdentifier({ algorithmId: SHA256 }),
    signedAttrs: new pkijs.SignedAndUnsignedAttributes({
      type: 0,
      attributes: setOf(part.signedAttributes).map((schema) => new pkijs.Attribute({ schema })),
    }),
    signatureAlgorithm: signatureAlgorithm(part.certificate),
    signature: new asn1js.OctetString({ valueHex: bytes(part.signature) }),
  });
}

/** As OpenSSL writes them: rsaEncryption with NULL, ecdsa-with-SHA256 without parameters. */
function signatureAlgorithm(certificate: Buffer): pkijs.AlgorithmIdentifier {
  const rsa = signatureKind(readCertificate(certificate).publicKey) === 'rsa';
  return rsa
    ? new pkijs.AlgorithmIdentifier({ algorithmId: RSA_ENCRYPTION, algorithmParams: new asn1js.Null() })
    : new pkijs.AlgorithmIdentifier({ algorithmId: ECDSA_WITH_SHA256 });
}

function decodeSigner(signer: pkijs.SignerInfo, bag: readonly pkijs.CertificateSetItem[]): SignerPart {
  const sid: unknown = signer.sid;
  const { signedAttrs } = signer;
  if (!(sid instanceof pkijs.IssuerAndSerialNumber)) {
    refuse('a signer is not named by issuer and serial number');
  }
  if (signedAttrs === undefined) refuse('a signer has no signed attributes');
  const certificate = bag.find(
    (each): each is pkijs.Certificate =>
      each instanceof pkijs.Certificate &&
      each.issuer.isEqual(sid.issuer) &&
      each.serialNumber.isEqual(sid.serialNumber),
  );
  if (certificate === undefined) refuse('the certificate of a signer is missing');
  return {
    certificate: der(certificate.toSchema()),
    signedAttributes: Buffer.from(signedAttrs.encodedValue),
    signature: Buffer.from(signer.signature.valueBlock.valueHexView),
  };
}

function sorted<T extends { toSchema(): { toBER(): ArrayBuffer } }>(list: readonly T[]): T[] {
  return list
    .map((value) => ({ value, key: der(value.toSchema()) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ value }) => value);
}

/** Throws `packet.signature-invalid` unless the bytes are one ASN.1 SET. */
export function setOf(data: Uint8Array): readonly asn1js.AsnType[] {
  const { offset, result } = asn1js.fromBER(data);
  if (offset !== data.length || !(result instanceof asn1js.Set)) refuse('the signed attributes are no SET');
  return result.valueBlock.value;
}

function der(schema: { toBER(): ArrayBuffer }): Buffer {
  return Buffer.from(schema.toBER());
}

export function bytes(data: Uint8Array): ArrayBuffer {
  return new Uint8Array(data).buffer;
}

function refuse(message: string): never {
  throw new GatewayError('packet.signature-invalid', message);
}
