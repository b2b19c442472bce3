/** Signed attributes of a CAdES-BES signature (ETSI EN 319 122-1): type, time, message digest, signing certificate. */
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { sha256 } from '../core/digest.ts';
import { GatewayError } from '../core/errors.ts';
import { bytes, setOf } from './cms-form.ts';

export interface SignedClaims {
  readonly messageDigest: Buffer;
  /** SHA-256 of the signer's certificate, from signingCertificateV2 (RFC 5035). */
  readonly certificateDigest: Buffer;
  readonly signingTime: Date;
}

const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_TIME = '1.2.840.113549.1.9.5';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const ID_DATA = '1.2.840.113549.1.7.1';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const FIRST_GENERALIZED_YEAR = 2050;

/** DER of the attribute SET, which is what gets signed (RFC 5652, 5.4). */
export function encodeSignedAttributes(content: Uint8Array, certificate: Buffer, at: Date): Buffer {
  const attributes = [
    attribute(CONTENT_TYPE, new asn1js.ObjectIdentifier({ value: ID_DATA })),
    attribute(SIGNING_TIME, time(at)),
    attribute(MESSAGE_DIGEST, octets(sha256(content))),
    attribute(SIGNING_CERTIFICATE_V2, nest(nest(nest(octets(sha256(certificate)))))),
  ];
  const inOrder = attributes
    .map((each) => ({ each, key: Buffer.from(each.toBER()) }))
    .sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.from(new asn1js.Set({ value: inOrder.map(({ each }) => each) }).toBER());
}

/** Throws `packet.signature-invalid` when one of the four is missing, doubled or of another form. */
export function decodeSignedAttributes(set: Buffer): SignedClaims {
  const attributes = setOf(set).map((schema) => new pkijs.Attribute({ schema }));
  const contentType = single(attributes, CONTENT_TYPE);
  if (!(contentType instanceof asn1js.ObjectIdentifier) || contentType.getValue() !== ID_DATA) {
    refuse('the content type is not data');
  }
  return {
    messageDigest: octetsOf(single(attributes, MESSAGE_DIGEST)),
    certificateDigest: certificateDigest(single(attributes, SIGNING_CERTIFICATE_V2)),
    signingTime: timeOf(single(attributes, SIGNING_TIME)),
  };
}

/** SigningCertificateV2 → certs → first ESSCertIDv2: [hashAlgorithm], certHash, [issuerSerial]. */
function certificateDigest(value: unknown): Buffer {
  const fields = children(children(children(value)[0])[0]);
  const [first, second] = fields;
  if (first instanceof asn1js.OctetString) return octetsOf(first);
  const algorithm = children(first)[0];
  const sha = algorithm instanceof asn1js.ObjectIdentifier && algorithm.getValue() === SHA256;
  return sha ? octetsOf(second) : refuse('signingCertificateV2 does not use SHA-256');
}

function children(value: unknown): readonly unknown[] {
  if (value instanceof asn1js.Sequence) return value.valueBlock.value;
  return refuse('signingCertificateV2 is malformed');
}

function single(attributes: readonly pkijs.Attribute[], type: string): unknown {
  const found = attributes.filter((each) => each.type === type);
  const values: readonly unknown[] = found[0]?.values ?? [];
  if (found.length !== 1 || values.length !== 1) refuse(`the signed attribute ${type} must stand once`);
  return values[0];
}

function octetsOf(value: unknown): Buffer {
  if (value instanceof asn1js.OctetString) return Buffer.from(value.valueBlock.valueHexView);
  return refuse('a digest in the signed attributes is no octet string');
}

function timeOf(value: unknown): Date {
  if (value instanceof asn1js.UTCTime || value instanceof asn1js.GeneralizedTime) return value.toDate();
  return refuse('the signing time is malformed');
}

function time(at: Date): asn1js.UTCTime | asn1js.GeneralizedTime {
  const valueDate = new Date(Math.floor(at.getTime() / 1000) * 1000);
  const late = at.getUTCFullYear() >= FIRST_GENERALIZED_YEAR;
  return late ? new asn1js.GeneralizedTime({ valueDate }) : new asn1js.UTCTime({ valueDate });
}

function attribute(type: string, value: asn1js.AsnType): asn1js.Sequence {
  return nest(new asn1js.ObjectIdentifier({ value: type }), new asn1js.Set({ value: [value] }));
}

function nest(...value: asn1js.AsnType[]): asn1js.Sequence {
  return new asn1js.Sequence({ value });
}

function octets(data: Buffer): asn1js.OctetString {
  return new asn1js.OctetString({ valueHex: bytes(data) });
}

function refuse(message: string): never {
  throw new GatewayError('packet.signature-invalid', message);
}
