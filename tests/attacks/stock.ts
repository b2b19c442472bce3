/** Certificates and keys that attackers hold, and the registry that lists those of them which must fail for another reason. */
import { readFile } from 'node:fs/promises';
import { ALLIANCE } from '../../src/demo/cast.ts';
import type { FoundedAlliance } from '../../src/demo/found-alliance.ts';
import type {
  GatewayCertificate,
  MemberKey,
  RegistryBody,
  RegistryMember,
} from '../../src/federation/registry/registry-types.ts';
import { endorseKey } from '../../src/federation/registry/key-change.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createAuthority } from '../../src/pki/authority.ts';
import {
  generateSealKey,
  importSigningKey,
  type SealAlgorithm,
  type SigningKey,
} from '../../src/wire/jws.ts';
import {
  dns,
  ip,
  makeBadCertificate,
  newRsaKey,
  uri,
  type AltName,
  type Identity,
  type Wanted,
} from './bad-certificates.ts';

export type KeyName = 'es256' | 'ps256' | 'revoked' | 'superseded' | 'expired' | 'early' | 'encryption';

export interface Stock {
  readonly certificates: Readonly<Record<string, Identity>>;
  readonly keys: Readonly<Record<KeyName, SigningKey>>;
  /** As the registry lists them for bank-a. */
  readonly listedCerts: readonly GatewayCertificate[];
  readonly listedKeys: readonly MemberKey[];
  /** Listed for police-p. */
  readonly foreignCerts: readonly GatewayCertificate[];
}

const DAY = 86_400;
const now = (): number => Math.floor(Date.now() / 1000);
const urn = (member: string, alliance = ALLIANCE): AltName => uri(`urn:lianzheng:${alliance}:${member}:gw1`);
const host = [dns('localhost'), ip('127.0.0.1')];

export async function makeStock(founded: FoundedAlliance, sender: Gateway): Promise<Stock> {
  const key = await readFile(sender.config.keys.tlsKey, 'utf8');
  const other = await createAuthority({ name: 'another root', alliance: ALLIANCE });
  const { certificates, listed, foreign } = makeCertificates(founded, key, other);
  const seal = await importSigningKey(JSON.parse(await readFile(sender.config.keys.seal, 'utf8')) as never);
  const keys = await makeKeys(seal);
  const life = { nbf: now() - 3600, exp: now() + DAY };
  return {
    certificates,
    keys: keys.signing,
    listedKeys: keys.listed,
    listedCerts: [
      ...listed.map((name) => ({ x5t: certificates[name]!.x5t, ...life })),
      {
        x5t: certificates['revoked']!.x5t,
        ...life,
        revoked: { at: new Date().toISOString(), reason: 'compromised' as const },
      },
      { x5t: certificates['registry-expired']!.x5t, nbf: now() - DAY, exp: now() - 120 },
      { x5t: certificates['registry-early']!.x5t, nbf: now() + DAY / 2, exp: now() + DAY },
    ],
    foreignCerts: foreign.map((name) => ({ x5t: certificates[name]!.x5t, ...life })),
  };
}

function makeCertificates(founded: FoundedAlliance, key: string, other: Wanted['issuer']) {
  const issuer = founded.ca;
  const make = (wanted: Partial<Wanted>): Identity =>
    makeBadCertificate({ issuer, key, names: [urn('bank-a'), ...host], ...wanted });
  const subCa = make({ ca: true, commonName: 'sub', names: [], usage: [], key: newRsaKey(2048) });
  const below = { certPem: subCa.cert, keyPem: subCa.key };
  /** Each listed in the registry: the registry alone does not make them good. */
  const listed = {
    'self-signed': make({ issuer: 'self' }),
    'other-ca': make({ issuer: other }),
    expired: make({ life: [-48, -24] }),
    'not-yet-valid': make({ life: [24, 48] }),
    'server-usage': make({ usage: ['serverAuth'] }),
    'mail-usage': make({ usage: ['emailProtection'] }),
    'no-san': make({ names: [], commonName: 'urn:lianzheng:lianzheng-demo:bank-a:gw1' }),
    'other-member': make({ names: [urn('regulator-r'), ...host] }),
    'other-alliance': make({ names: [urn('bank-a', 'other-alliance'), ...host] }),
    'longer-member': make({ names: [urn('bank-a2'), ...host] }),
    'member-alone': make({ names: [uri(`urn:lianzheng:${ALLIANCE}:bank-a`), ...host] }),
    'urn-as-dns': make({ names: [dns(`urn:lianzheng:${ALLIANCE}:bank-a:gw1`), ...host] }),
    'comma-in-dns': make({ names: [dns(`x, URI:urn:lianzheng:${ALLIANCE}:bank-a:gw1`), ...host] }),
    'upper-case': make({ names: [uri(`URN:LIANZHENG:${ALLIANCE.toUpperCase()}:BANK-A:GW1`), ...host] }),
    'ca-as-leaf': make({ ca: true }),
    sha1: make({ digest: 'sha1' }),
    'rsa-1024': make({ key: newRsaKey(1024) }),
    'below-sub-ca': make({ issuer: below, chain: subCa.cert }),
    'sub-ca-missing': make({ issuer: below }),
    'issued-by-leaf': make({ issuer: { certPem: make({}).cert, keyPem: key } }),
  };
  const rest = {
    unregistered: make({}),
    'same-subject-other-key': make({ key: newRsaKey(2048) }),
    revoked: make({}),
    'registry-expired': make({}),
    'registry-early': make({}),
  };
  /** Issued to bank-a and listed for police-p. */
  const foreign = { 'listed-for-another': make({}) };
  return {
    certificates: { ...listed, ...rest, ...foreign } as Record<string, Identity>,
    listed: Object.keys(listed),
    foreign: Object.keys(foreign),
  };
}

async function makeKeys(seal: SigningKey) {
  const life = { nbf: now() - 3600, exp: now() + DAY };
  const at = (seconds: number): string => new Date((now() + seconds) * 1000).toISOString();
  const wanted: Readonly<Record<KeyName, Partial<MemberKey> & { readonly alg: SealAlgorithm }>> = {
    es256: { alg: 'ES256' },
    ps256: { alg: 'PS256' },
    revoked: { alg: 'Ed25519', revoked: { at: at(86_400), reason: 'compromised' } },
    superseded: { alg: 'Ed25519', revoked: { at: at(-60), reason: 'superseded' } },
    expired: { alg: 'Ed25519', nbf: now() - DAY, exp: now() - 120 },
    early: { alg: 'Ed25519', nbf: now() + DAY, exp: now() + 2 * DAY },
    encryption: { alg: 'Ed25519', use: 'enc' },
  };
  const signing: Partial<Record<KeyName, SigningKey>> = {};
  const listed: MemberKey[] = [];
  for (const [name, { alg, ...rest }] of Object.entries(wanted)) {
    const { privateJwk, publicJwk, kid } = await generateSealKey(alg);
    signing[name as KeyName] = await importSigningKey(privateJwk);
    const endorsement = await endorseKey(
      { alliance: ALLIANCE, member: 'bank-a', kid, use: rest.use ?? 'seal' },
      seal,
    );
    listed.push({ kid, jwk: publicJwk, alg, use: 'seal', ...life, ...rest, endorsement });
  }
  return { signing: signing as Record<KeyName, SigningKey>, listed };
}

/** Sixteen certificates a gateway is what the schema admits. */
const PER_GATEWAY = 16;

export function withStock(body: RegistryBody, stock: Stock): Partial<RegistryBody> {
  const extra = (certs: readonly GatewayCertificate[], from: number): RegistryMember['gateways'] =>
    Array.from({ length: Math.ceil(certs.length / PER_GATEWAY) }, (_, at) => ({
      authority: `127.0.0.1:${from + at}`,
      certs: certs.slice(at * PER_GATEWAY, (at + 1) * PER_GATEWAY),
    }));
  const members = body.members.map((member): RegistryMember => {
    if (member.id === 'bank-a') {
      const gateways = [...member.gateways, ...extra(stock.listedCerts, 2)];
      return { ...member, gateways, keys: [...member.keys, ...stock.listedKeys] };
    }
    if (member.id !== 'police-p') return member;
    return { ...member, gateways: [...member.gateways, ...extra(stock.foreignCerts, 12)] };
  });
  return { members };
}
