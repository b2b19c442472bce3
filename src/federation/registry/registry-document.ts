/** The signed registry document: general JWS JSON under a threshold of operator keys. */
import { canonicalBytes, isCanonical, type JsonValue } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { decodeBase64url } from '../../wire/base64url.ts';
import type { SigningKey, VerificationKey } from '../../wire/jws.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import { signDocument, signerOf, type DocumentSignature } from './document-signature.ts';
import type { KeyMemory } from './key-memory.ts';
import { checkRegistryRules } from './registry-rules.ts';
import type { OperatorSet, RegistryBody, RegistryJwk } from './registry-types.ts';

export type { OperatorSet, RegistryBody } from './registry-types.ts';

export const REGISTRY_TYPE = 'lz-registry+jws';
export const REGISTRY_SCHEMA = 'urn:lianzheng:schema:registry:1.0.0';
export const REGISTRY_DOCUMENT_SCHEMA = 'urn:lianzheng:schema:registry-document:1.0.0';

export interface RegistryDocument {
  /** base64url of the canonical JSON of a RegistryBody. */
  readonly payload: string;
  readonly signatures: readonly DocumentSignature[];
}

export interface VerifiedRegistry {
  readonly body: RegistryBody;
  readonly payload: Buffer;
  /** SHA-256 of the payload, hex: another signature on the same payload is no other registry. */
  readonly sha256: string;
  readonly document: RegistryDocument;
  /** What it and all registries before it said of keys; set where it is read as part of a chain. */
  readonly memory?: KeyMemory;
}

export async function signRegistry(
  body: RegistryBody,
  operatorKeys: readonly SigningKey[],
): Promise<RegistryDocument> {
  const payload = canonicalBytes(body).toString('base64url');
  const signatures = operatorKeys.map((key) => signDocument(REGISTRY_TYPE, payload, key));
  return { payload, signatures: await Promise.all(signatures) };
}

/**
 * Untrusted: reads a document and demands the threshold of `operators`, which the previous registry (or the anchors)
 * names. Whether it follows the previous one is asked in registry-chain.ts.
 */
export async function readRegistry(
  document: JsonValue,
  operators: OperatorSet,
  schemas: SchemaRegistry,
): Promise<VerifiedRegistry> {
  const read = readPayload(asDocument(document, schemas), schemas);
  await demandThreshold(read.document, operators);
  return read;
}

/** Untrusted: what the payload says, by schema and rules; nobody's signature is asked for. Throws `registry.invalid`. */
export function readPayload(document: RegistryDocument, schemas: SchemaRegistry): VerifiedRegistry {
  const payload = decodeBase64url(document.payload);
  const body = asBody(parseStrictJson(payload), schemas);
  if (!isCanonical(body, payload)) {
    throw new GatewayError('registry.invalid', 'registry payload must be canonical JSON (RFC 8785)');
  }
  checkRegistryRules(body);
  return { body, payload, sha256: sha256Hex(payload), document };
}

/** The schema makes the value; the cast only names what it has admitted. */
function asDocument(value: JsonValue, schemas: SchemaRegistry): RegistryDocument {
  validate(schemas, REGISTRY_DOCUMENT_SCHEMA, value);
  return value as unknown as RegistryDocument;
}

function asBody(value: JsonValue, schemas: SchemaRegistry): RegistryBody {
  validate(schemas, REGISTRY_SCHEMA, value);
  return value as unknown as RegistryBody;
}

function validate(schemas: SchemaRegistry, id: string, value: JsonValue): void {
  try {
    schemas.validate(id, value);
  } catch (cause) {
    const facts = cause instanceof GatewayError ? cause.facts : {};
    throw new GatewayError('registry.invalid', 'registry document breaks its schema', { cause, facts });
  }
}

async function demandThreshold(document: RegistryDocument, operators: OperatorSet): Promise<void> {
  const valid = (await validSigners(document, operators)).size;
  if (valid >= operators.threshold) return;
  throw new GatewayError(
    'registry.signature-invalid',
    `registry needs ${operators.threshold} operator signatures, ${valid} are valid`,
    { facts: { threshold: operators.threshold, valid } },
  );
}

/** The kids of the operators who signed: distinct keys, so that one operator signing twice counts once. */
export async function validSigners(
  document: RegistryDocument,
  operators: OperatorSet,
): Promise<ReadonlySet<string>> {
  const keys = operators.keys.map(verificationKey);
  const signers = new Set<string>();
  for (const signature of document.signatures) {
    const signer = await signerOf({ typ: REGISTRY_TYPE, payload: document.payload, signature }, keys);
    if (signer !== undefined) signers.add(signer.kid);
  }
  return signers;
}

export function verificationKey(jwk: RegistryJwk): VerificationKey {
  return { kid: jwk.kid, alg: jwk.alg, jwk };
}
