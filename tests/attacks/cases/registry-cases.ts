/** Registries and statements that operators, one of them or strangers would like a gateway to adopt. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalBytes, type JsonValue } from '../../../src/core/canonical.ts';
import { ALLIANCE } from '../../../src/demo/cast.ts';
import { nextRegistry } from '../../../src/federation/alliance.ts';
import { signFreshness } from '../../../src/federation/registry/freshness.ts';
import {
  REGISTRY_TYPE,
  signRegistry,
  type RegistryDocument,
} from '../../../src/federation/registry/registry-document.ts';
import type { RegistryBody, RegistryMember } from '../../../src/federation/registry/registry-types.ts';
import { signDocument } from '../../../src/federation/registry/document-signature.ts';
import { endorseKey } from '../../../src/federation/registry/key-change.ts';
import { createLedgerKey } from '../../../src/ledger/notes/note.ts';
import { generateSealKey, importSigningKey, type SigningKey } from '../../../src/wire/jws.ts';
import { forge } from '../../exchange/forge.ts';
import { sent, unsigned, type AttackCase, type Expectation } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import type { Threat } from '../threats.ts';
import { FORK, forking, untilResolved } from './fork-cases.ts';

type Change = Partial<RegistryBody>;
const operators = ({ founded }: AttackWorld): readonly SigningKey[] => founded.operatorKeys.slice(0, 2);
const next = (world: AttackWorld, change: Change = {}): RegistryBody => {
  const made = nextRegistry(world.receiver.registry.current(), {}, { now: new Date() });
  return { ...made, ...change };
};
const members = (
  world: AttackWorld,
  id: string,
  change: (member: RegistryMember) => Partial<RegistryMember>,
): Change => ({
  members: world.receiver.registry
    .current()
    .body.members.map((member) => (member.id === id ? { ...member, ...change(member) } : member)),
});

async function offered(
  world: AttackWorld,
  document: RegistryDocument,
): Promise<{ status: number; code?: string }> {
  const before = world.receiver.registry.current();
  try {
    await world.receiver.registry.offer(document as unknown as JsonValue);
    return { status: -1 };
  } catch (error) {
    const same = world.receiver.registry.current() === before;
    return { status: same ? 0 : -2, code: (error as { code: string }).code };
  }
}

const document = (
  name: string,
  code: NonNullable<Expectation['code']>,
  make: (world: AttackWorld) => Promise<RegistryDocument>,
  threat: Threat = 'malicious-operator',
  rest: Partial<Expectation> = {},
): AttackCase => ({
  name,
  threat,
  attack: async (world) => offered(world, await make(world)),
  expect: { status: 0, code, entries: [], ...rest },
});
/** Signed by two operators, as it must be: the content is what is wrong. */
const content = (
  name: string,
  code: NonNullable<Expectation['code']>,
  change: (world: AttackWorld) => Change | Promise<Change>,
  threat: Threat = 'malicious-operator',
): AttackCase =>
  document(
    name,
    code,
    async (world) => signRegistry(next(world, await change(world)), operators(world)),
    threat,
  );

const newKey = async (): Promise<SigningKey> => importSigningKey((await generateSealKey()).privateJwk);
const unproven = 'registry.signature-invalid';

const signatures: readonly AttackCase[] = [
  document('one signature of two', unproven, (w) => signRegistry(next(w), operators(w).slice(0, 1))),
  document('one operator twice', unproven, (w) =>
    signRegistry(next(w), [operators(w)[0]!, operators(w)[0]!]),
  ),
  document('no signature', 'registry.invalid', (w) => signRegistry(next(w), [])),
  document('two strangers', unproven, async (w) => signRegistry(next(w), [await newKey(), await newKey()])),
  document('an operator and a stranger', unproven, async (w) =>
    signRegistry(next(w), [operators(w)[0]!, await newKey()]),
  ),
  document('an operator and a member', unproven, (w) =>
    signRegistry(next(w), [operators(w)[0]!, w.keys.sender]),
  ),
  document('an operator and the freshness key', unproven, (w) =>
    signRegistry(next(w), [operators(w)[0]!, w.freshnessKey]),
  ),
  document('signatures over another payload', unproven, async (w) => {
    const { signatures: good } = await signRegistry(next(w), operators(w));
    return { ...(await signRegistry(next(w, { grants: [] }), [])), signatures: good };
  }),
  document('signatures of another type', unproven, async (w) => {
    const payload = canonicalBytes(next(w)).toString('base64url');
    return {
      payload,
      signatures: await Promise.all(operators(w).map((key) => signDocument('lz-fresh+jws', payload, key))),
    };
  }),
  document('alg none', unproven, async (w) => {
    const made = await signRegistry(next(w), operators(w));
    const header = (kid: string): string =>
      Buffer.from(JSON.stringify({ typ: REGISTRY_TYPE, alg: 'none', kid })).toString('base64url');
    return {
      ...made,
      signatures: made.signatures.map((one, at) => ({ ...one, protected: header(operators(w)[at]!.kid) })),
    };
  }),
  document('a threshold of one, in the registry that only one signed', unproven, (w) =>
    signRegistry(
      next(w, { operators: { ...w.receiver.registry.current().body.operators, threshold: 1 } }),
      operators(w).slice(0, 1),
    ),
  ),
  document('operators of its own, who signed it', unproven, async (w) => {
    const made = await Promise.all([generateSealKey(), generateSealKey()]);
    const keys = made.map(({ publicJwk, kid }) => ({ ...publicJwk, kid, alg: 'Ed25519' as const }));
    return signRegistry(
      next(w, { operators: { threshold: 2, keys } }),
      await Promise.all(made.map(({ privateJwk }) => importSigningKey(privateJwk))),
    );
  }),
  document('bytes that are not canonical', 'registry.invalid', (w) =>
    signedBytes(w, Buffer.from(` ${canonicalBytes(next(w)).toString()}`)),
  ),
  document(
    'a key twice',
    'json.duplicate-key',
    (w) => signedBytes(w, Buffer.from(canonicalBytes(next(w)).toString().replace('{', '{"serial":3,'))),
    'duplicate-keys',
  ),
  document(
    '__proto__',
    'json.forbidden-key',
    (w) =>
      signedBytes(
        w,
        Buffer.from(canonicalBytes(next(w)).toString().replace('{', '{"__proto__":{"polluted":1},')),
      ),
    'prototype-pollution',
  ),
];

async function signedBytes(world: AttackWorld, bytes: Buffer): Promise<RegistryDocument> {
  const payload = bytes.toString('base64url');
  return {
    payload,
    signatures: await Promise.all(operators(world).map((key) => signDocument(REGISTRY_TYPE, payload, key))),
  };
}

/** A seal key for bank-a that two operators put there. */
const swapped = (
  name: string,
  endorse: (world: AttackWorld, kid: string) => Promise<object> | object,
): AttackCase =>
  content(name, 'registry.chain-broken', async (world) => {
    const { publicJwk, kid } = await generateSealKey();
    const endorsement = await endorse(world, kid);
    return members(world, 'bank-a', ({ keys }) => ({
      keys: [...keys, { ...keys[0]!, kid, jwk: publicJwk, alg: 'Ed25519', ...endorsement }],
    }));
  });
const chain = 'registry.chain-broken';

const keys: readonly AttackCase[] = [
  swapped('a new seal key that nobody vouches for', () => ({})),
  swapped('a new seal key that another member vouches for', async ({ keys: { receiver } }, kid) => ({
    endorsement: await endorseKey({ alliance: ALLIANCE, member: 'bank-a', kid }, receiver),
  })),
  swapped('a new seal key that a revoked key vouches for', async ({ stock }, kid) => ({
    endorsement: await endorseKey({ alliance: ALLIANCE, member: 'bank-a', kid }, stock.keys.revoked),
  })),
  swapped('a new seal key under the word for another key', async ({ keys: { sender } }) => ({
    endorsement: await endorseKey({ alliance: ALLIANCE, member: 'bank-a', kid: 'A'.repeat(43) }, sender),
  })),
  swapped('a new seal key under the word for another alliance', async ({ keys: { sender } }, kid) => ({
    endorsement: await endorseKey({ alliance: 'other', member: 'bank-a', kid }, sender),
  })),
  content('a new ledger key that nobody vouches for', chain, (w) =>
    members(w, 'bank-a', ({ ledger }) => ({
      ledger: { ...ledger, vkey: createLedgerKey(ledger.origin).vkey },
    })),
  ),
  content('a new ledger', chain, (w) =>
    members(w, 'bank-a', ({ ledger }) => ({
      ledger: { ...ledger, origin: 'evil.example/log', vkey: createLedgerKey('evil.example/log').vkey },
    })),
  ),
];

const invalid = 'registry.invalid';
const rules: readonly AttackCase[] = [
  content("a member's certificate listed for another as well", invalid, (w) =>
    members(w, 'police-p', ({ gateways }) => ({
      gateways: [
        ...gateways,
        { authority: '127.0.0.1:99', certs: [{ x5t: w.identities.sender.x5t, nbf: 0, exp: 4e9 }] },
      ],
    })),
  ),
  content("a member's key listed for another as well", invalid, (w) =>
    members(w, 'police-p', ({ keys: own }) => ({
      keys: [...own, w.receiver.registry.current().member('bank-a')!.keys[0]!],
    })),
  ),
  content('a member twice', invalid, (w) => ({
    members: [...w.receiver.registry.current().body.members, w.receiver.registry.current().body.members[0]!],
  })),
  content('a private key', invalid, (w) =>
    members(w, 'bank-a', ({ keys: own }) => ({
      keys: own.map((key) => ({ ...key, jwk: { ...key.jwk, d: 'AAAA' } })),
    })),
  ),
  content('a symmetric key', invalid, (w) =>
    members(w, 'bank-a', ({ keys: own }) => ({
      keys: own.map((key) => ({ ...key, jwk: { kty: 'oct', k: 'AAAA' } })),
    })),
  ),
  content('a grant for no group', invalid, (w) => ({
    grants: w.receiver.registry.current().body.grants.map((grant) => ({ ...grant, group: 'nowhere' })),
  })),
  content('a member too many', invalid, () => ({ backdoor: true }) as Change),
  content(
    'a schema with its text',
    invalid,
    (w) => ({
      schemas: w.receiver.registry.current().body.schemas.map((one) => ({ ...one, pattern: '^(a|a)*$' })),
    }),
    'schema-bomb',
  ),
  content('no roots', invalid, () => ({ cas: [] })),
  content('a life of two years', invalid, () => ({
    expiresAt: new Date(Date.now() + 730 * 86_400_000).toISOString(),
  })),
  ...[
    'evil.example@127.0.0.1:80',
    '127.0.0.1:80/x',
    'evil.example\u0000.example',
    '１２７.0.0.1',
    'EVIL.example',
    '127。0。0。1',
    'http://127.0.0.1',
    '',
  ].map((authority) =>
    content(
      `a gateway at ${JSON.stringify(authority)}`,
      authority.includes('\u0000') ? 'json.encoding-invalid' : invalid,
      (w) => members(w, 'police-p', ({ gateways }) => ({ gateways: [{ ...gateways[0]!, authority }] })),
      'ssrf',
    ),
  ),
];

const history: readonly AttackCase[] = [
  forking(
    document(
      'another registry under the serial that we hold',
      'registry.fork',
      (w) => signRegistry({ ...w.receiver.registry.current().body, grants: [] }, operators(w)),
      'registry-rollback',
    ),
  ),
  forking(
    document(
      'another first registry',
      'registry.fork',
      (w) => signRegistry({ ...w.founded.registry.body, grants: [] }, operators(w)),
      'registry-rollback',
    ),
  ),
  document(
    'another registry under our serial, signed by one',
    unproven,
    (w) => signRegistry({ ...w.receiver.registry.current().body, grants: [] }, operators(w).slice(0, 1)),
    'registry-rollback',
  ),
  content(
    'a serial too far',
    chain,
    (w) => ({ serial: w.receiver.registry.current().serial + 2 }),
    'registry-rollback',
  ),
  content('a successor of another registry', chain, () => ({ prev: 'ab'.repeat(32) }), 'registry-rollback'),
  content(
    'the registry of another alliance',
    invalid,
    () => ({ alliance: 'other-alliance' }),
    'registry-rollback',
  ),
];

/** Writes a statement where the gateways look for it; the good one is written again afterwards. */
const statement = (name: string, make: (world: AttackWorld) => Promise<object>): AttackCase => ({
  name,
  threat: 'registry-rollback',
  attack: async (world) => {
    const path = join(world.founded.directory, 'alliance', 'registry', 'freshness.json');
    for (let minute = 0; minute < 11; minute++) world.nextMinute();
    await writeFile(`${path}.new`, JSON.stringify(await make(world)));
    await rename(`${path}.new`, path);
    await world.receiver.registry.refresh();
    const refused = await sent(world, await forge(world));
    await world.refresh();
    if (refused.code === 'registry.fork') return untilResolved(world, refused);
    const { status } = await sent(world, await forge(world));
    return status === 200 ? refused : { status: -1, code: 'no recovery' };
  },
  expect: unsigned('registry.stale', {
    entries: ['exchange.refused', 'message.accepted'],
    honest: true,
  }),
});
const hour = 3_600_000;

const freshness: readonly AttackCase[] = [
  statement('a registry that nobody has called fresh for ten minutes', (w) =>
    signFreshness(w.receiver.registry.current(), w.freshnessKey, {
      now: new Date(w.clock().getTime() - hour),
    }),
  ),
  statement('freshness by a stranger', async (w) =>
    signFreshness(w.receiver.registry.current(), await newKey(), { now: w.clock() }),
  ),
  statement('freshness by an operator', (w) =>
    signFreshness(w.receiver.registry.current(), operators(w)[0]!, { now: w.clock() }),
  ),
  statement('freshness by a member', (w) =>
    signFreshness(w.receiver.registry.current(), w.keys.sender, { now: w.clock() }),
  ),
  statement('freshness from an hour ahead', (w) =>
    signFreshness(w.receiver.registry.current(), w.freshnessKey, {
      now: new Date(w.clock().getTime() + hour),
    }),
  ),
  {
    ...statement('freshness of the first registry', (w) => {
      const { body, sha256 } = w.founded.registry;
      return signFreshness({ body, sha256, serial: body.serial }, w.freshnessKey, { now: w.clock() });
    }),
    expect: unsigned('registry.stale', {
      entries: ['registry.alarm', 'exchange.refused', 'message.accepted'],
      honest: true,
    }),
  },
  {
    ...statement('freshness of another registry under our serial', (w) =>
      signFreshness({ ...w.receiver.registry.current(), sha256: 'ab'.repeat(32) }, w.freshnessKey, {
        now: w.clock(),
      }),
    ),
    // The signer, or its thief, says that another registry counts: more than staleness.
    expect: unsigned('registry.fork', {
      entries: [...FORK.entries!, 'exchange.refused'],
      honest: true,
    }),
  },
  statement('no statement at all', () => Promise.resolve({})),
];

export const registryCases: readonly AttackCase[] = [
  ...signatures,
  ...keys,
  ...rules,
  ...history,
  ...freshness,
];
