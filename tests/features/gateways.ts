/** Two members with real databases, ledgers and a registry; the wire between them is the inbox itself. */
import { randomBytes } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../src/core/canonical.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import { newId } from '../../src/core/ids.ts';
import { createInbox, type MessageReceiver } from '../../src/federation/inbox.ts';
import { enqueue } from '../../src/federation/delivery/outbox.ts';
import type { Grant, RegistryBody, RegistryMember } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView, type RegistryView } from '../../src/federation/registry/registry-view.ts';
import type { FeatureDeps, OutboundBatch } from '../../src/features/deps.ts';
import { erasureHandler } from '../../src/features/erasure/receive-erasure.ts';
import { featureBatchHandler } from '../../src/features/receive.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { createLedgerKey, readLedgerKey } from '../../src/ledger/notes/note.ts';
import type { RequestClaims } from '../../src/wire/exchange-token.ts';
import { sealEnvelope, type EnvelopeContent, type MessageBody } from '../../src/wire/envelope.ts';
import { generateSealKey, importSigningKey, type GeneratedKey } from '../../src/wire/jws.ts';
import { loadSchemas } from '../../src/wire/schema-registry.ts';
import { createTestDatabase } from '../world/database.ts';

export const INDUSTRY = 'broker-features';
export const COMMERCE = 'commerce';
export const PURPOSE = 'RISK_PREVENTION';
export const BASIS = ['PIPL-13'];
export const SHARING = { group: INDUSTRY, purpose: PURPOSE, legalBasis: BASIS, actor: 'officer-1' };

export const schemas = loadSchemas(new URL('../../schemas/', import.meta.url).pathname);

/** Everything that `enqueue` was given, as the peer would be sent it. */
export interface Gateway {
  readonly deps: FeatureDeps;
  readonly sent: OutboundBatch[];
  readonly inbox: MessageReceiver;
  readonly settings: { now: Date; view: RegistryView };
  readonly ownerUrl: string;
  readonly close: () => Promise<void>;
}

const MEMBERS = ['bank-a', 'insurer-b', 'bank-c'] as const;

export async function createGateways(count = 2): Promise<readonly Gateway[]> {
  const keys = await Promise.all(MEMBERS.map(() => generateSealKey()));
  const view = createRegistryView({ body: registryBody(keys), sha256: 'ab'.repeat(32) });
  return Promise.all(MEMBERS.slice(0, count).map((member, at) => createGateway(member, keys[at]!, view)));
}

async function createGateway(member: string, key: GeneratedKey, view: RegistryView): Promise<Gateway> {
  const test = await createTestDatabase();
  const { database, ownerUrl } = test;
  const settings = { now: new Date(), view };
  const clock = (): Date => settings.now;
  const origin = `${member}.example/ledger`;
  const ledger = await openLedger({
    database,
    member,
    origin,
    key: readLedgerKey(createLedgerKey(origin).privateKey),
    clock,
  });
  const registry = { current: () => settings.view, at: () => settings.view };
  const sent: OutboundBatch[] = [];
  const deps: FeatureDeps = {
    ...{ database, ledger, registry, member, schemas, clock },
    sealKey: await importSigningKey(key.privateJwk),
    indexKey: randomBytes(32),
    enqueue: (tx, message) => {
      sent.push(message);
      return enqueue(tx, { member, ledger, registry, clock }, message);
    },
    kickDelivery: () => undefined,
  };
  const handlers = { 'feature-batch': featureBatchHandler(deps), erasure: erasureHandler(deps) };
  const inbox = createInbox({ member, database, ledger, registry, schemas, clock, handlers });
  const closeAll = async (): Promise<void> => {
    await ledger.close();
    await test.close();
  };
  return { deps, sent, inbox, settings, ownerUrl, close: closeAll };
}

/** Hands a message body to a gateway as its peer plane would after all checks of the exchange. */
export async function deliver(
  to: Gateway,
  content: EnvelopeContent,
  body: MessageBody,
  mid = newId(),
): Promise<JsonObject> {
  const text = JSON.stringify(body);
  const { issuer, group, purpose, schema } = content;
  const offer = {
    origin: `${issuer}.example/ledger`,
    index: 0,
    leaf: '0'.repeat(64),
    size: 1,
    root: '0'.repeat(64),
  };
  const answer = await to.inbox.receive({
    from: issuer,
    claims: {
      grp: group,
      pur: purpose,
      mid,
      sch: `${schema.id}#${schema.sha256}`,
      ofr: offer,
    } as RequestClaims,
    token: 'token',
    body: JSON.parse(text) as JsonValue,
    bodySha256: sha256Hex(text),
  });
  return JSON.parse(answer.body.toString()) as JsonObject;
}

/** Signs and delivers a body that pushFeatures itself would never make. */
export async function deliverForged(
  from: Gateway,
  to: Gateway,
  {
    features,
    ...beside
  }: Pick<MessageBody, 'disclosures' | 'erased'> & {
    readonly features: readonly JsonObject[];
  },
): Promise<JsonObject> {
  const content = contentOf(from, features);
  const sealed = await sealEnvelope(content, from.deps.sealKey);
  return deliver(to, content, { ...sealed, ...beside });
}

function contentOf({ deps, settings }: Gateway, features: readonly JsonObject[]): EnvelopeContent {
  const id = 'urn:lianzheng:schema:feature-batch:1.0.0';
  return {
    id: newId(),
    kind: 'feature-batch',
    version: 1,
    issuer: deps.member,
    group: INDUSTRY,
    createdAt: settings.now.toISOString(),
    purpose: PURPOSE,
    legalBasis: BASIS,
    schema: { id, sha256: schemas.digest(id) },
    registry: { serial: 1, sha256: settings.view.sha256 },
    body: { features },
  };
}

export function withRegistry(view: RegistryView, change: Partial<RegistryBody>): RegistryView {
  return createRegistryView({ body: { ...view.body, ...change }, sha256: view.sha256 });
}

function registryBody(keys: readonly GeneratedKey[]): RegistryBody {
  const operator = { kid: 'o', alg: 'Ed25519' } as const;
  return {
    alliance: 'test',
    serial: 1,
    prev: '0'.repeat(64),
    issuedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2036-01-01T00:00:00.000Z',
    operators: { threshold: 1, keys: [operator] },
    freshnessKey: operator,
    cas: [],
    members: MEMBERS.map((id, at) => registryMember(id, keys[at]!)),
    groups: [
      { id: INDUSTRY, name: 'Industry', compartment: 'INDUSTRY', members: MEMBERS },
      { id: COMMERCE, name: 'Commerce', compartment: 'ALLIANCE', members: MEMBERS },
    ],
    grants: [
      grant('g-industry', INDUSTRY),
      grant('g-commerce', COMMERCE),
      ...[INDUSTRY, COMMERCE].map((group): Grant => ({
        ...grant(`g-erase-${group}`, group),
        ...{ may: ['push'], kinds: ['erasure'], legalBases: ['PIPL-47'] },
      })),
    ],
    schemas: schemas.ids().map((id) => ({ id, sha256: schemas.digest(id) })),
    witnessPolicy: null,
  };
}

function grant(id: string, group: string): Grant {
  return {
    id,
    group,
    who: { roles: ['institution'] },
    may: ['push', 'screen', 'query'],
    kinds: ['feature-batch', 'screening'],
    purposes: [PURPOSE],
    legalBases: BASIS,
    maxGrade: 3,
    onward: 'none',
    notAfter: '2036-01-01T00:00:00.000Z',
  };
}

function registryMember(id: string, key: GeneratedKey): RegistryMember {
  return {
    id,
    name: id,
    uscc: '91999999MA0TE9T0AN',
    region: '999999',
    level: 'city',
    roles: ['institution'],
    status: 'active',
    gateways: [],
    keys: [{ kid: key.kid, jwk: key.publicJwk, alg: 'Ed25519', use: 'seal', nbf: 0, exp: 4_000_000_000 }],
    signers: [],
    ledger: { origin: `${id}.example/ledger`, vkey: 'v' },
  };
}
