/** Algorithms that nobody agreed on: `none` in every spelling, HMAC keyed with what everybody has, psychic signatures. */
import { createPublicKey } from 'node:crypto';
import { signed, unsigned, type AttackCase } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import { hmac, segments, tampered, type Sign } from '../token-forgery.ts';

const threat = 'algorithm-confusion';
const setAlg =
  (alg: unknown) =>
  ({ header, claims }: { header: string; claims: string }) => ({
    header: JSON.stringify({ ...(JSON.parse(header) as object), alg }),
    claims,
  });
const withAlg = (
  alg: unknown,
  code: 'token.algorithm-refused' | 'token.header-refused' = 'token.algorithm-refused',
): AttackCase => ({
  name: `alg ${JSON.stringify(alg)}`,
  threat,
  attack: tampered({ text: setAlg(alg) }),
  expect: unsigned(code),
});

const spellings = [
  'none',
  'None',
  'NONE',
  'nOnE',
  ' none',
  'none ',
  'none\u0000',
  '',
  null,
  [],
  ['none'],
  {},
  0,
  true,
  'undefined',
];
const refused = [
  'HS256',
  'RS256',
  'RS512',
  'PS384',
  'PS512',
  'ES384',
  'ES512',
  'ES256K',
  'Ed448',
  'EdDSA',
  'ed25519',
  'ED25519',
  'Ed25519 ',
  'A128KW',
  'dir',
  'PBES2-HS256+A128KW',
  '__proto__',
  'constructor',
  'SM2',
];

function publicKeyOf({ receiver, sender, keys }: AttackWorld) {
  const jwk = receiver.registry.current().sealKey(sender.config.member, keys.sender.kid)!.jwk;
  return { jwk, key: createPublicKey({ key: jwk as never, format: 'jwk' }) };
}

/** Every form in which a careless library may hand the public key to HMAC. */
const secrets: Readonly<Record<string, (world: AttackWorld) => Buffer | string>> = {
  'the JWK as text': (w) => JSON.stringify(publicKeyOf(w).jwk),
  'the raw 32 bytes': (w) => Buffer.from(publicKeyOf(w).jwk['x'] as string, 'base64url'),
  'the base64url of the raw bytes': (w) => publicKeyOf(w).jwk['x'] as string,
  'the PEM': (w) => publicKeyOf(w).key.export({ type: 'spki', format: 'pem' }),
  'the PEM without its last line feed': (w) =>
    String(publicKeyOf(w).key.export({ type: 'spki', format: 'pem' })).trimEnd(),
  'the DER': (w) => publicKeyOf(w).key.export({ type: 'spki', format: 'der' }),
  nothing: () => '',
  'the kid': (w) => w.keys.sender.kid,
};

const confusions = Object.entries(secrets).flatMap(([name, secret]) =>
  ([256, 384, 512] as const).map((bits): AttackCase => ({
    name: `HS${bits} keyed with ${name}`,
    threat,
    attack: tampered({ text: setAlg(`HS${bits}`), sign: (world) => hmac(bits, secret(world)) }),
    expect: unsigned('token.algorithm-refused'),
  })),
);

/** HMAC under the registered algorithm's name: the header is honest, the signature is not. */
const disguised: AttackCase = {
  name: 'an HMAC of the public key under alg Ed25519',
  threat,
  attack: tampered({ sign: (world) => hmac(512, secrets['the raw 32 bytes']!(world)) }),
  expect: unsigned('token.signature-invalid'),
};

const es256 = (
  name: string,
  sign: (world: AttackWorld) => Sign,
  expect: AttackCase['expect'],
): AttackCase => ({
  name,
  threat,
  attack: tampered({
    text: ({ header, claims }, { stock }) => ({
      header: JSON.stringify({ ...(JSON.parse(header) as object), alg: 'ES256', kid: stock.keys.es256.kid }),
      claims,
    }),
    sign,
  }),
  expect,
});
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const number = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const fixed = (r: bigint, s: bigint) => (): Sign => () => Buffer.concat([number(r), number(s)]);
const psychic = [
  es256('a psychic signature, r = s = 0', fixed(0n, 0n), unsigned('token.signature-invalid')),
  es256('r = 0', fixed(0n, 1n), unsigned('token.signature-invalid')),
  es256('s = 0', fixed(1n, 0n), unsigned('token.signature-invalid')),
  es256('r = s = n, the order', fixed(ORDER, ORDER), unsigned('token.signature-invalid')),
  es256('r = s = 1', fixed(1n, 1n), unsigned('token.signature-invalid')),
  es256('r = s = n + 1', fixed(ORDER + 1n, ORDER + 1n), unsigned('token.signature-invalid')),
  es256(
    'a signature in DER',
    (world) => async (input) => der(await world.stock.keys.es256.sign(input)),
    unsigned('token.signature-invalid'),
  ),
  es256(
    'an Ed25519 signature under ES256',
    (world) => (input) => world.keys.sender.sign(input),
    unsigned('token.signature-invalid'),
  ),
  es256(
    'an RSA-PSS signature under ES256',
    (world) => (input) => world.stock.keys.ps256.sign(input),
    unsigned('token.signature-invalid'),
  ),
];

function der(raw: Buffer): Buffer {
  const integer = (bytes: Buffer): Buffer => {
    const positive = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, positive.length]), positive]);
  };
  const both = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]);
}

const crossed = (name: string, alg: string, key: 'es256' | 'ps256'): AttackCase => ({
  name,
  threat,
  attack: tampered({
    text: setAlg(alg),
    sign:
      ({ stock }) =>
      (input) =>
        stock.keys[key].sign(input),
  }),
  expect: unsigned('token.algorithm-refused'),
});

const lengths = [0, 1, 32, 63, 65, 128, 1024].map((length): AttackCase => ({
  name: `a signature of ${length} bytes`,
  threat: 'malformed-token',
  attack: tampered({
    compact: (compact) => segments(compact).with(2, Buffer.alloc(length, 7).toString('base64url')).join('.'),
  }),
  expect: unsigned(length === 0 ? 'token.base64-invalid' : 'token.signature-invalid'),
}));

export const algorithmCases: readonly AttackCase[] = [
  ...spellings.map((alg) =>
    withAlg(alg, alg === 'none\u0000' ? 'token.header-refused' : 'token.algorithm-refused'),
  ),
  ...refused.map((alg) => withAlg(alg)),
  ...confusions,
  disguised,
  ...psychic,
  crossed('ES256 under the kid of an Ed25519 key', 'ES256', 'es256'),
  crossed('PS256 under the kid of an Ed25519 key', 'PS256', 'ps256'),
  ...lengths,
];

/** The second signature of an ES256 token, (r, n − s), verifies too: it must be the same use of the same token. */
export const malleable: AttackCase = {
  name: 'the other signature (r, n − s) of a token that was used',
  threat: 'replay',
  attack: async (world) => {
    const { stock } = world;
    const text = ({ header, claims }: { header: string; claims: string }) => ({
      header: JSON.stringify({ ...(JSON.parse(header) as object), alg: 'ES256', kid: stock.keys.es256.kid }),
      claims,
    });
    const { tamper, withToken } = await import('../token-forgery.ts');
    const { sent } = await import('../attack.ts');
    const first = await tamper(world, { text, sign: () => (input) => stock.keys.es256.sign(input) });
    const used = await sent(world, first);
    if (used.status !== 200) return used;
    const [header, claims, signature] = segments(first.token);
    const bytes = Buffer.from(signature, 'base64url');
    const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    const second = Buffer.concat([bytes.subarray(0, 32), number(ORDER - s)]).toString('base64url');
    return sent(world, withToken(first, [header, claims, second].join('.')));
  },
  expect: signed('token.replayed', { entries: ['message.accepted', 'exchange.refused'], honest: true }),
};
