/** The freshness statement: which registry is current, said anew each minute by the one online key of the alliance. */
import { canonicalBytes, type JsonValue } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import { decodeBase64url } from '../../wire/base64url.ts';
import type { SigningKey } from '../../wire/jws.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import { signDocument, signerOf } from './document-signature.ts';
import { verificationKey } from './registry-document.ts';
import type { RegistryView } from './registry-view.ts';

const FRESHNESS_TYPE = 'lz-fresh+jws';
export const MAX_FRESHNESS_SECONDS = 600;
export const FRESHNESS_SCHEMA = 'urn:lianzheng:schema:freshness:1.0.0';
const FRESHNESS_DOCUMENT_SCHEMA = 'urn:lianzheng:schema:freshness-document:1.0.0';

export interface FreshnessStatement {
  readonly alliance: string;
  readonly serial: number;
  readonly sha256: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
}

/** Flattened JWS JSON. */
export interface FreshnessDocument {
  readonly payload: string;
  readonly protected: string;
  readonly signature: string;
}

export interface FreshnessTime {
  readonly now: Date;
  /** At most 600. */
  readonly lifetimeSeconds?: number;
}

export async function signFreshness(
  view: Pick<RegistryView, 'serial' | 'sha256' | 'body'>,
  key: SigningKey,
  { now, lifetimeSeconds = MAX_FRESHNESS_SECONDS }: FreshnessTime,
): Promise<FreshnessDocument> {
  if (lifetimeSeconds > MAX_FRESHNESS_SECONDS) {
    throw new GatewayError(
      'registry.invalid',
      `a freshness statement lives ${MAX_FRESHNESS_SECONDS} s at most`,
    );
  }
  const payload = canonicalBytes({
    alliance: view.body.alliance,
    serial: view.serial,
    sha256: view.sha256,
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + lifetimeSeconds * 1000).toISOString(),
  }).toString('base64url');
  return { payload, ...(await signDocument(FRESHNESS_TYPE, payload, key)) };
}

/** Untrusted: returns the statement when the registry's freshness key made it; time is the caller's question. */
export async function checkFreshness(
  document: JsonValue,
  view: RegistryView,
  schemas: SchemaRegistry,
): Promise<FreshnessStatement> {
  schemas.validate(FRESHNESS_DOCUMENT_SCHEMA, document);
  const { payload, ...signature } = document as unknown as FreshnessDocument;
  const keys = [verificationKey(view.body.freshnessKey)];
  if ((await signerOf({ typ: FRESHNESS_TYPE, payload, signature }, keys)) === undefined) {
    throw new GatewayError('registry.signature-invalid', 'freshness statement is not by the freshness key');
  }
  const statement = asStatement(parseStrictJson(decodeBase64url(payload)), schemas);
  const life = Date.parse(statement.expiresAt) - Date.parse(statement.issuedAt);
  if (!(life > 0 && life <= MAX_FRESHNESS_SECONDS * 1000) || statement.alliance !== view.body.alliance) {
    throw new GatewayError(
      'registry.invalid',
      'freshness statement is of another alliance or lives too long',
    );
  }
  return statement;
}

function asStatement(value: JsonValue, schemas: SchemaRegistry): FreshnessStatement {
  schemas.validate(FRESHNESS_SCHEMA, value);
  return value as unknown as FreshnessStatement;
}
