/** The compact text itself: a second spelling of good bytes, the wrong length, tokens of another kind, keys that counted once. */
import { signFreshness } from '../../../src/federation/registry/freshness.ts';
import { signResponseToken } from '../../../src/wire/exchange-token.ts';
import { newNonce } from '../../../src/core/ids.ts';
import { forge } from '../../exchange/forge.ts';
import { ACCEPTED, forged, sent, signed, unsigned, type AttackCase, type Expectation } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import type { KeyName } from '../stock.ts';
import type { Threat } from '../threats.ts';
import { segments, tampered, withToken } from '../token-forgery.ts';

const bad = unsigned('token.base64-invalid');
const compact = (
  threat: Threat,
  name: string,
  make: (compact: string, world: AttackWorld) => string,
  expect: Expectation = bad,
): AttackCase => ({
  name,
  threat,
  attack: tampered({ compact: make }),
  expect,
});
const bend =
  (at: 0 | 1 | 2, make: (segment: string) => string) =>
  (text: string): string => {
    const parts = segments(text);
    return parts.with(at, make(parts[at])).join('.');
  };

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Of 86 letters that stand for 64 bytes, the last carries four bits that nobody reads. */
const strayBits = (segment: string): string =>
  segment.slice(0, -1) + alphabet[alphabet.indexOf(segment.at(-1)!) ^ 1]!;
const places = ['the header', 'the claims', 'the signature'] as const;

const malleability: readonly AttackCase[] = [
  compact('base64-malleability', 'stray bits in the signature', bend(2, strayBits)),
  ...places.flatMap((name, at) => [
    compact(
      'base64-malleability',
      `padding after ${name}`,
      bend(at as 0, (s) => `${s}=`),
    ),
    compact(
      'base64-malleability',
      `two signs of padding after ${name}`,
      bend(at as 0, (s) => `${s}==`),
    ),
    compact(
      'base64-malleability',
      `a blank inside ${name}`,
      bend(at as 0, (s) => `${s.slice(0, 8)} ${s.slice(8)}`),
    ),
    compact(
      'base64-malleability',
      `a tab inside ${name}`,
      bend(at as 0, (s) => `${s.slice(0, 8)}\t${s.slice(8)}`),
    ),
    compact(
      'base64-malleability',
      `a foreign letter inside ${name}`,
      bend(at as 0, (s) => `${s.slice(0, 8)}!${s.slice(8)}`),
    ),
    compact(
      'base64-malleability',
      `a plus sign inside ${name}`,
      bend(at as 0, (s) => `${s.slice(0, 8)}+${s.slice(9)}`),
    ),
    compact(
      'base64-malleability',
      `a slash inside ${name}`,
      bend(at as 0, (s) => `${s.slice(0, 8)}/${s.slice(9)}`),
    ),
  ]),
  compact('base64-malleability', 'a percent-encoded dot', (t) => t.replace('.', '%2e')),
];

const shapes: readonly AttackCase[] = [
  compact('malformed-token', 'no token', () => '-'),
  compact('malformed-token', 'one segment', (t) => segments(t)[0]),
  compact('malformed-token', 'two segments', (t) => segments(t).slice(0, 2).join('.')),
  compact('malformed-token', 'four segments', (t) => `${t}.AAAA`),
  compact('malformed-token', 'five segments, as an encrypted token has', (t) => `${t}.AAAA.AAAA`),
  compact('malformed-token', 'a dot at the end', (t) => `${t}.`),
  compact('malformed-token', 'a dot at the start', (t) => `.${t}`),
  compact(
    'malformed-token',
    'no header',
    bend(0, () => ''),
    unsigned('token.header-refused'),
  ),
  compact(
    'malformed-token',
    'no claims',
    bend(1, () => ''),
    unsigned('token.claims-refused'),
  ),
  compact(
    'malformed-token',
    'no signature',
    bend(2, () => ''),
  ),
  compact('malformed-token', 'dots alone', () => '..'),
  compact('malformed-token', 'Bearer before it', (t) => `Bearer ${t}`),
  compact('malformed-token', 'quotes around it', (t) => `"${t}"`),
  compact('malformed-token', 'the JSON form of a JWS', (t) => {
    const [p, payload, signature] = segments(t);
    return JSON.stringify({ protected: p, payload, signature });
  }),
  compact('malformed-token', 'two tokens in one header', (t) => `${t},${t}`),
  compact('oversize', 'a token of 4,097 bytes', () => 'a'.repeat(4097), unsigned('token.too-large')),
  compact('oversize', 'a token of 4,096 bytes that is none', () => 'a'.repeat(4096)),
  compact('oversize', 'a token of 15,000 bytes', () => 'a'.repeat(15_000), unsigned('token.too-large')),
  compact(
    'malformed-token',
    'another header under the signature',
    bend(0, () => 'eyJ0eXAiOiJsengtcmVxK2p3dCJ9'),
    unsigned('token.header-refused'),
  ),
  compact(
    'malformed-token',
    'other claims under the signature',
    (t) => {
      const [h, claims, s] = segments(t);
      const changed = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { exp: number };
      return [
        h,
        Buffer.from(JSON.stringify({ ...changed, exp: changed.exp - 1 })).toString('base64url'),
        s,
      ].join('.');
    },
    unsigned('token.signature-invalid'),
  ),
];

/** A good document of another kind in the place of the token. */
const kinds: readonly AttackCase[] = [
  {
    name: 'a response token of the sender',
    threat: 'algorithm-confusion',
    attack: async (world) => {
      const one = await forge(world);
      const { claims } = one;
      const response = {
        ...claims,
        sts: 200,
        rth: 'A'.repeat(43),
        rjti: newNonce(),
        rcdg: null,
        rpl: false,
        rcpt: null,
      };
      return sent(world, withToken(one, await signResponseToken(response, world.keys.sender)));
    },
    expect: unsigned('token.header-refused'),
  },
  {
    name: 'the freshness statement',
    threat: 'algorithm-confusion',
    attack: async (world) => {
      const {
        protected: p,
        payload,
        signature,
      } = await signFreshness(world.receiver.registry.current(), world.freshnessKey, { now: world.clock() });
      return sent(world, withToken(await forge(world), [p, payload, signature].join('.')));
    },
    expect: unsigned('token.header-refused'),
  },
  {
    name: 'the envelope of the message itself',
    threat: 'algorithm-confusion',
    attack: async (world) => {
      const one = await forge(world);
      const { protected: p, payload, signature } = JSON.parse(one.wire.toString()) as Record<string, string>;
      return sent(world, withToken(one, [p, payload, signature].join('.')));
    },
    expect: unsigned('token.header-refused'),
  },
];

const byKey = (threat: Threat, name: string, key: KeyName, expect: Expectation): AttackCase => ({
  name,
  threat,
  attack: forged(({ stock }) => ({
    header: { kid: stock.keys[key].kid, alg: stock.keys[key].alg },
    tokenKey: stock.keys[key],
  })),
  expect,
});
const sealedBy = (name: string, key: KeyName): AttackCase => ({
  name,
  threat: 'revoked-certificate',
  attack: forged(({ stock }) => ({ envelopeKey: stock.keys[key] })),
  expect: signed('envelope.signature-invalid'),
});

const keys: readonly AttackCase[] = [
  byKey('algorithm-confusion', 'an honest token by a registered ES256 key', 'es256', ACCEPTED),
  byKey('algorithm-confusion', 'an honest token by a registered PS256 key', 'ps256', ACCEPTED),
  byKey('revoked-certificate', 'a token by a revoked key', 'revoked', unsigned('token.key-revoked')),
  byKey('revoked-certificate', 'a token by a superseded key', 'superseded', unsigned('token.key-revoked')),
  byKey('revoked-certificate', 'a token by an expired key', 'expired', unsigned('token.key-revoked')),
  byKey('revoked-certificate', 'a token by a key of tomorrow', 'early', unsigned('token.key-revoked')),
  byKey('revoked-certificate', 'a token by an encryption key', 'encryption', unsigned('token.key-unknown')),
  sealedBy('an envelope under a revoked key', 'revoked'),
  sealedBy('an envelope under a superseded key', 'superseded'),
  sealedBy('an envelope under an expired key', 'expired'),
  sealedBy('an envelope under a key of tomorrow', 'early'),
  sealedBy('an envelope under an encryption key', 'encryption'),
];

export const formCases: readonly AttackCase[] = [...malleability, ...shapes, ...kinds, ...keys];
