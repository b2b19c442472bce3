/** Envelopes: signed content that outlives its exchange, as a flattened JWS over canonical JSON (RFC 8785). */
import { canonicalBytes, isCanonical, type JsonObject } from '../core/canonical.ts';
import { isGatewayError, GatewayError } from '../core/errors.ts';
import type { GroupId, MemberId } from '../core/ids.ts';
import { decodeBase64url } from './base64url.ts';
import type { Disclosure } from './disclosure.ts';
import { envelopeMisfit } from './envelope-form.ts';
import { readHeader, signFlattened, verifyFlattened } from './jws.ts';
import type { FlattenedJws, JoseHeader, SigningKey, VerificationKey } from './jws.ts';
import { parseStrictJson } from './json/strict-json.ts';

/** What is signed. Personal values never stand here, only commitments (disclosure.ts). */
export interface EnvelopeContent {
  /** UUIDv7. */
  readonly id: string;
  readonly kind: string;
  readonly version: 1;
  readonly issuer: MemberId;
  readonly group: GroupId;
  /** RFC 3339 with milliseconds, UTC. */
  readonly createdAt: string;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  readonly schema: { readonly id: string; readonly sha256: string };
  readonly registry: { readonly serial: number; readonly sha256: string };
  readonly body: JsonObject;
}

/** typ `lz-env+jws`; stored as received, byte for byte, and signed once for all recipients. */
export type SealedEnvelope = FlattenedJws;

/** The body of POST /x/v1/messages. */
export interface MessageBody extends SealedEnvelope {
  readonly disclosures?: readonly Disclosure[];
  /** Commitments whose disclosures were erased, hex. */
  readonly erased?: readonly string[];
}

export interface OpenedEnvelope {
  readonly content: EnvelopeContent;
  /** The signed bytes: canonical JSON of `content`. */
  readonly payload: Buffer;
}

/** Looks a seal key up in the registry that the envelope is to be judged by. */
export type FindKey = (issuer: MemberId, kid: string) => VerificationKey | undefined;

export async function sealEnvelope(content: EnvelopeContent, key: SigningKey): Promise<SealedEnvelope> {
  return signFlattened('lz-env+jws', canonicalBytes(content), key);
}

/** Opens an untrusted envelope: form, canonical bytes, content, then the issuer's signature. */
export async function openEnvelope(sealed: SealedEnvelope, findKey: FindKey): Promise<OpenedEnvelope> {
  const header = readEnvelopeHeader(sealed);
  const payload = decodeBase64url(sealed.payload, 'envelope.invalid');
  const content = readContent(payload);

  const key = findKey(content.issuer, header.kid);
  if (key === undefined) {
    throw new GatewayError(
      'envelope.signature-invalid',
      `key ${header.kid} is not registered for ${content.issuer}`,
    );
  }

  if (!(await verifyFlattened(sealed, header, key))) throw new GatewayError('envelope.signature-invalid');
  return { content, payload };
}

function readEnvelopeHeader(sealed: SealedEnvelope): JoseHeader {
  try {
    decodeBase64url(sealed.signature);
    return readHeader(sealed.protected, 'lz-env+jws');
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    throw new GatewayError('envelope.invalid', `protected header or signature: ${error.message}`, {
      cause: error,
    });
  }
}

/** Two texts of one value would be two digests of one content, so only the canonical one is an envelope. */
function readContent(payload: Buffer): EnvelopeContent {
  const value = parseStrictJson(payload);
  const wrong = envelopeMisfit(value);
  if (wrong !== undefined) throw invalid(`member ${wrong} is missing, unknown or malformed`);
  if (!isCanonical(value, payload)) throw invalid('the payload is not canonical JSON (RFC 8785)');
  return value as unknown as EnvelopeContent;
}

function invalid(message: string): GatewayError {
  return new GatewayError('envelope.invalid', message);
}
