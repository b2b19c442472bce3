/** A small alliance in memory: three operators, two banks and a regulator, one group for each compartment. */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { canonicalBytes, type JsonObject } from '../../src/core/canonical.ts';
import { sha256Hex } from '../../src/core/digest.ts';
import { newId } from '../../src/core/ids.ts';
import { firstRegistry, type AllianceContent } from '../../src/federation/alliance.ts';
import {
  signRegistry,
  type RegistryDocument,
  type VerifiedRegistry,
} from '../../src/federation/registry/registry-document.ts';
import type {
  RegistryBody,
  RegistryJwk,
  RegistryMember,
} from '../../src/federation/registry/registry-types.ts';
import { createRegistryView, type RegistryView } from '../../src/federation/registry/registry-view.ts';
import { createLedgerKey } from '../../src/ledger/notes/note.ts';
import { sealEnvelope, type EnvelopeContent, type SealedEnvelope } from '../../src/wire/envelope.ts';
import { generateSealKey, importSigningKey, type SigningKey } from '../../src/wire/jws.ts';
import { loadSchemas, type SchemaRegistry } from '../../src/wire/schema-registry.ts';

export const ALLIANCE = 'test-alliance';
export const NOTE_SCHEMA = 'urn:lianzheng:schema:test-note:1.0.0';
const YEAR_SECONDS = 365 * 86_400;

export interface KeyPair {
  readonly signing: SigningKey;
  readonly jwk: RegistryJwk;
}

export interface TestMember {
  readonly id: string;
  readonly seal: KeyPair;
  readonly ledger: { readonly origin: string; readonly privateKey: string; readonly vkey: string };
}

export interface TestAlliance {
  readonly schemas: SchemaRegistry;
  readonly operators: readonly KeyPair[];
  readonly freshness: KeyPair;
  readonly members: Readonly<Record<'a' | 'b' | 'r', TestMember>>;
  readonly body: RegistryBody;
  readonly view: RegistryView;
}

export async function keyPair(): Promise<KeyPair> {
  const { privateJwk, publicJwk, kid } = await generateSealKey();
  return { signing: await importSigningKey(privateJwk), jwk: { ...publicJwk, kid, alg: 'Ed25519' } };
}

/** The product's schemas that the federation reads, and one of a test kind. */
export function testSchemas(): SchemaRegistry {
  const directory = mkdtempSync(join(tmpdir(), 'lz-schemas-'));
  for (const name of [
    'registry',
    'registry-document',
    'registry-draft',
    'freshness',
    'freshness-document',
    'anchors',
    'message',
  ]) {
    cpSync(new URL(`../../schemas/${name}.json`, import.meta.url), join(directory, `${name}.json`));
  }
  const note = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: NOTE_SCHEMA,
    type: 'object',
    required: ['text'],
    additionalProperties: false,
    properties: { text: { type: 'string' } },
  };
  writeFileSync(join(directory, 'test-note.json'), JSON.stringify(note));
  return loadSchemas(directory);
}

/** `change` may replace parts, e.g. give members their real gateways. */
export async function testAlliance(
  change: (content: AllianceContent) => Partial<AllianceContent> = () => ({}),
): Promise<TestAlliance> {
  const schemas = testSchemas();
  const operators = await Promise.all([keyPair(), keyPair(), keyPair()]);
  const freshness = await keyPair();
  const [a, b, r] = await Promise.all([
    testMember('bank-a'),
    testMember('bank-b'),
    testMember('regulator-r'),
  ]);
  const content: AllianceContent = {
    alliance: ALLIANCE,
    operators: { threshold: 2, keys: operators.map((operator) => operator.jwk) },
    freshnessKey: freshness.jwk,
    cas: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    members: [registered(a, 'institution'), registered(b, 'institution'), registered(r, 'regulator')],
    groups: (['INDUSTRY', 'ALLIANCE', 'AML', 'REG'] as const).map((compartment) => ({
      id: `group-${compartment.toLowerCase()}`,
      name: compartment,
      compartment,
      members: [a.id, b.id],
    })),
    grants: ['industry', 'alliance', 'aml'].map((group) => ({
      id: `grant-${group}`,
      group: `group-${group}`,
      who: { roles: ['institution'] as const },
      may: ['push'] as const,
      kinds: ['test-note'],
      purposes: ['RISK_PREVENTION', 'AML_REPORTING'],
      legalBases: ['PIPL-13', 'AML-7'],
      maxGrade: 3,
      onward: 'none' as const,
      notAfter: '2099-01-01T00:00:00Z',
    })),
    schemas: schemas.ids().map((id) => ({ id, sha256: schemas.digest(id) })),
    witnessPolicy: null,
  };
  const body = firstRegistry({ ...content, ...change(content) }, { now: new Date() });
  const view = createRegistryView({ body, sha256: digestOf(body) });
  return { schemas, operators, freshness, members: { a, b, r }, body, view };
}

export function digestOf(body: RegistryBody): string {
  return sha256Hex(canonicalBytes(body));
}

/** Two of the three operators sign. */
export function publish(
  alliance: TestAlliance,
  body: RegistryBody = alliance.body,
): Promise<RegistryDocument> {
  return signRegistry(
    body,
    alliance.operators.slice(0, 2).map((operator) => operator.signing),
  );
}

export async function verified(alliance: TestAlliance, body = alliance.body): Promise<VerifiedRegistry> {
  const document = await publish(alliance, body);
  return { body, payload: canonicalBytes(body), sha256: digestOf(body), document };
}

/** A gateway certificate is not read by the registry: any 32 bytes name one. */
export function fakeThumbprint(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}

export interface NoteOptions {
  readonly from: TestMember;
  readonly group?: string;
  readonly body?: JsonObject;
  readonly change?: Partial<EnvelopeContent>;
}

export async function sealedNote(
  alliance: TestAlliance,
  { from, group = 'group-industry', body = { text: 'hello' }, change = {} }: NoteOptions,
): Promise<{ readonly content: EnvelopeContent; readonly sealed: SealedEnvelope }> {
  const content: EnvelopeContent = {
    id: newId(),
    kind: 'test-note',
    version: 1,
    issuer: from.id,
    group,
    createdAt: new Date().toISOString(),
    purpose: 'RISK_PREVENTION',
    legalBasis: ['PIPL-13'],
    schema: { id: NOTE_SCHEMA, sha256: alliance.schemas.digest(NOTE_SCHEMA) },
    registry: { serial: alliance.view.serial, sha256: alliance.view.sha256 },
    body,
    ...change,
  };
  return { content, sealed: await sealEnvelope(content, from.seal.signing) };
}

async function testMember(id: string): Promise<TestMember> {
  const origin = `${ALLIANCE}.example/${id}/log`;
  return { id, seal: await keyPair(), ledger: { origin, ...createLedgerKey(origin) } };
}

function registered(member: TestMember, role: 'institution' | 'regulator'): RegistryMember {
  const now = Math.floor(Date.now() / 1000);
  const life = { nbf: now - 3600, exp: now + YEAR_SECONDS };
  const { jwk } = member.seal;
  return {
    id: member.id,
    name: member.id,
    uscc: '91999999MA0TE9T0AN',
    region: '999999',
    level: 'city',
    roles: [role],
    status: 'active',
    gateways: [
      { authority: `${member.id}.example:8443`, certs: [{ x5t: fakeThumbprint(member.id), ...life }] },
    ],
    keys: [{ kid: jwk.kid, jwk, alg: 'Ed25519', use: 'seal', ...life }],
    signers: [],
    ledger: { origin: member.ledger.origin, vkey: member.ledger.vkey },
  };
}
