/** Builds a valid signed request by hand and lets a case change any part of it; what is not changed stays consistent. */
import { canonicalBytes, type JsonObject } from '../../src/core/canonical.ts';
import { sha256 } from '../../src/core/digest.ts';
import { newId, newNonce } from '../../src/core/ids.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { contentDigestHeader, digestClaim } from '../../src/wire/content-digest.ts';
import { commit, newDisclosure, type Disclosure } from '../../src/wire/disclosure.ts';
import type { EnvelopeContent, MessageBody, SealedEnvelope } from '../../src/wire/envelope.ts';
import type { RequestClaims } from '../../src/wire/exchange-token.ts';
import type { SigningKey } from '../../src/wire/jws.ts';
import type { IdentityName, WireWorld } from './wire-world.ts';

export type HeaderLine = readonly [name: string, value: string];

/** Each part is made from the one above it, so a change carries on downwards. */
export interface Change {
  /** The certificate of the connection; the token stays bound to the sender's. */
  readonly as?: IdentityName;
  readonly method?: string;
  readonly path?: string;
  readonly feature?: object;
  readonly disclosures?: readonly Disclosure[];
  readonly content?: Partial<Record<keyof EnvelopeContent, unknown>> & Readonly<Record<string, unknown>>;
  /** The bytes that the envelope signs. */
  readonly payload?: (canonical: Buffer) => Buffer;
  readonly envelopeHeader?: object;
  readonly envelopeKey?: SigningKey;
  readonly message?: (message: MessageBody) => object;
  readonly body?: Buffer | string;
  readonly mid?: string;
  readonly claims?: Partial<Record<keyof RequestClaims, unknown>> & Readonly<Record<string, unknown>>;
  readonly claimsText?: (json: string) => string;
  readonly header?: object;
  readonly tokenKey?: Pick<SigningKey, 'sign'>;
  readonly token?: (compact: string) => string;
  readonly headers?: (lines: readonly HeaderLine[]) => readonly HeaderLine[];
  /** What is sent in place of the body: digests and lengths speak of the body. */
  readonly wire?: Buffer;
}

export interface Forged {
  readonly as: IdentityName;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly HeaderLine[];
  readonly wire: Buffer;
  readonly token: string;
  /** As they stand in the token. */
  readonly claims: RequestClaims;
  readonly mid: string;
}

export const BATCH_SCHEMA = 'urn:lianzheng:schema:feature-batch:1.0.0';
export const MESSAGES = '/x/v1/messages';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function forge(world: WireWorld, change: Change = {}): Promise<Forged> {
  const content = contentOf(world, change);
  const body = change.body === undefined ? await bodyOf(world, content, change) : Buffer.from(change.body);
  const mid = change.mid ?? newId();
  const path = change.path ?? MESSAGES;
  const claims = claimsOf(world, { content, body, mid, path, change });
  const token = await tokenOf(world, claims, change);
  const lines: readonly HeaderLine[] = [
    ['host', world.receiver.config.peer.authority],
    ['content-type', 'application/json'],
    ['content-length', String(body.length)],
    ['content-digest', contentDigestHeader(sha256(body))],
    ['exchange-token', token],
    ['exchange-id', mid],
  ];
  return {
    as: change.as ?? 'sender',
    method: change.method ?? 'POST',
    path,
    headers: change.headers?.(lines) ?? lines,
    wire: change.wire ?? body,
    token,
    claims: claims as unknown as RequestClaims,
    mid,
  };
}

/** A domain nobody has shared yet. */
export function plainFeature(world: WireWorld): JsonObject {
  const now = world.clock().toISOString();
  return {
    id: newId(),
    type: 'domain',
    value: `${newId()}.example`,
    confidence: 80,
    tlp: 'amber',
    grade: 2,
    firstSeen: now,
    lastSeen: now,
  };
}

/** A phone number as a signed commitment and the disclosure that opens it. */
export function personalFeature(world: WireWorld, value = '+8613800138000') {
  const disclosure = newDisclosure(value);
  const signed = { value: undefined, type: 'phone', grade: 3, commitment: commit(disclosure) };
  return { feature: { ...plainFeature(world), ...signed }, disclosure };
}

function contentOf(world: WireWorld, { content, feature }: Change): EnvelopeContent {
  const { serial, sha256: registrySha256 } = world.receiver.registry.current();
  return {
    id: newId(),
    kind: 'feature-batch',
    version: 1,
    issuer: world.sender.config.member,
    group: FEATURE_GROUP,
    createdAt: world.clock().toISOString(),
    purpose: 'RISK_PREVENTION',
    legalBasis: ['PIPL-13'],
    schema: { id: BATCH_SCHEMA, sha256: world.schemas.digest(BATCH_SCHEMA) },
    registry: { serial, sha256: registrySha256 },
    body: { features: [{ ...plainFeature(world), ...feature }] },
    ...content,
  } as EnvelopeContent;
}

async function bodyOf(world: WireWorld, content: EnvelopeContent, change: Change): Promise<Buffer> {
  const sealed = await seal(world, content, change);
  const { disclosures, message = (m) => m } = change;
  return Buffer.from(
    JSON.stringify(message(disclosures === undefined ? sealed : { ...sealed, disclosures })),
  );
}

/** `sealEnvelope` without its care for what it seals. */
async function seal(world: WireWorld, content: EnvelopeContent, change: Change): Promise<SealedEnvelope> {
  const key = change.envelopeKey ?? world.keys.sender;
  const canonical = canonicalBytes(definedOf(content));
  const header = encode({ typ: 'lz-env+jws', alg: key.alg, kid: key.kid, ...change.envelopeHeader });
  const payload = (change.payload?.(canonical) ?? canonical).toString('base64url');
  const signature = await key.sign(Buffer.from(`${header}.${payload}`));
  return { protected: header, payload, signature: signature.toString('base64url') };
}

/** A member that is changed to undefined is left out. */
function definedOf(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

interface Making {
  readonly content: EnvelopeContent;
  readonly body: Buffer;
  readonly mid: string;
  readonly path: string;
  readonly change: Change;
}

/** Group, purpose and schema follow the envelope. */
function claimsOf(world: WireWorld, { content, body, mid, path, change }: Making): JsonObject {
  const iat = Math.floor(world.clock().getTime() / 1000);
  const isMessage = path === MESSAGES;
  const claims: RequestClaims = {
    iss: world.sender.config.member,
    aud: world.receiver.config.member,
    grp: content.group,
    pur: content.purpose,
    iat,
    nbf: iat,
    exp: iat + 60,
    jti: newNonce(),
    mid,
    htm: 'POST',
    htu: `https://${world.receiver.config.peer.authority}${path.split('?', 1)[0]}`,
    cty: 'application/json',
    cdg: digestClaim(sha256(body)),
    len: body.length,
    cnf: { 'x5t#S256': world.identities.sender.x5t },
    sch: isMessage ? `${content.schema.id}#${content.schema.sha256}` : '-',
    reg: world.receiver.registry.current().serial,
    ofr: world.offer,
  };
  return definedOf({ ...claims, ...change.claims });
}

async function tokenOf(world: WireWorld, claims: JsonObject, change: Change): Promise<string> {
  const { alg, kid } = world.keys.sender;
  const header = definedOf({ typ: 'lzx-req+jwt', alg, kid, ...change.header });
  const json = change.claimsText?.(JSON.stringify(claims)) ?? JSON.stringify(claims);
  const input = `${encode(header)}.${Buffer.from(json).toString('base64url')}`;
  const signature = await (change.tokenKey ?? world.keys.sender).sign(Buffer.from(input));
  const compact = `${input}.${signature.toString('base64url')}`;
  return change.token?.(compact) ?? compact;
}
