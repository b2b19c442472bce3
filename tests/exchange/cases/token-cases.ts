/** Wrong, missing, expired, early, foreign and forged tokens: nobody is proven, so nobody gets a signed answer. */
import { createHmac } from 'node:crypto';
import { sha256 } from '../../../src/core/digest.ts';
import { newId } from '../../../src/core/ids.ts';
import { digestClaim } from '../../../src/wire/content-digest.ts';
import { generateSealKey, importSigningKey, type SealAlgorithm } from '../../../src/wire/jws.ts';
import type { Change } from '../forge.ts';
import type { Case, Cases } from '../refusal.ts';
import type { WireWorld } from '../wire-world.ts';

const newKey = async (alg?: SealAlgorithm) => importSigningKey((await generateSealKey(alg)).privateJwk);
const authority = (world: WireWorld): string => world.receiver.config.peer.authority;
const at =
  (offset: number) =>
  (world: WireWorld): Change => {
    const iat = Math.floor(world.clock().getTime() / 1000) + offset;
    return { claims: { iat, nbf: iat, exp: iat + 60 } };
  };
const signatureOf =
  (signature: string) =>
  (token: string): string =>
    `${token.slice(0, token.lastIndexOf('.'))}.${signature}`;

/** Order of the Ed25519 group, little-endian arithmetic: S + L is a second text of the same signature. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
function malleable(token: string): string {
  const signature = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + ORDER;
  const second = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  return signatureOf(Buffer.concat([signature.subarray(0, 32), second]).toString('base64url'))(token);
}

/** The classic confusion: HMAC with the public key, which everybody has. */
function hmacWithPublicKey({ receiver, sender, keys }: WireWorld): Change {
  const registered = receiver.registry.current().sealKey(sender.config.member, keys.sender.kid);
  const secret = JSON.stringify(registered?.jwk);
  const sign = (data: Uint8Array): Promise<Buffer> =>
    Promise.resolve(createHmac('sha256', secret).update(data).digest());
  return { header: { alg: 'HS256' }, tokenKey: { sign } };
}

export const formCases: Cases = {
  unsigned: [
    ['no JWS at all', 'token.base64-invalid', { token: () => 'bearer' }],
    ['a fourth segment', 'token.base64-invalid', { token: (token) => `${token}.AAAA` }],
    ['padding', 'token.base64-invalid', { token: (token) => `${token}==` }],
    ['stray trailing bits', 'token.base64-invalid', { token: signatureOf(`${'A'.repeat(85)}B`) }],
    ['the alphabet of plain base64', 'token.base64-invalid', { token: signatureOf(`${'A'.repeat(85)}+`) }],
    [
      'an empty signature under alg none',
      'token.base64-invalid',
      { header: { alg: 'none' }, token: signatureOf('') },
    ],
    ['alg none with a signature', 'token.algorithm-refused', { header: { alg: 'none' } }],
    ['HS256 keyed with the public key', 'token.algorithm-refused', hmacWithPublicKey],
    ['alg EdDSA, the old name', 'token.algorithm-refused', { header: { alg: 'EdDSA' } }],
    [
      'an allowed algorithm that the registry does not fix for the key',
      'token.algorithm-refused',
      async () => ({ header: { alg: 'ES256' }, tokenKey: await newKey('ES256') }),
    ],
    ['another typ', 'token.header-refused', { header: { typ: 'JWT' } }],
    ['typ of a response', 'token.header-refused', { header: { typ: 'lzx-res+jwt' } }],
    ['no kid', 'token.header-refused', { header: { kid: undefined } }],
    [
      'an embedded key',
      'token.header-refused',
      async () => ({ header: { jwk: (await generateSealKey()).publicJwk } }),
    ],
    ['a key URL', 'token.header-refused', { header: { jku: 'https://attacker.example/keys' } }],
    ['crit', 'token.header-refused', { header: { crit: ['b64'], b64: false } }],
    ['a kid that is a path', 'token.header-refused', { header: { kid: '../../../dev/null' } }],
    [
      'an unknown kid',
      'token.key-unknown',
      async () => {
        const key = await newKey();
        return { header: { kid: key.kid }, tokenKey: key };
      },
    ],
    [
      "another member's key",
      'token.key-unknown',
      ({ keys }) => ({ header: { kid: keys.receiver.kid }, tokenKey: keys.receiver }),
    ],
    [
      'a foreign key under the registered kid',
      'token.signature-invalid',
      async () => ({ tokenKey: await newKey() }),
    ],
    ['a zero signature', 'token.signature-invalid', { token: signatureOf('A'.repeat(86)) }],
    ['a short signature', 'token.signature-invalid', { token: signatureOf('AAAA') }],
    ['the second text of a good signature (S + L)', 'token.signature-invalid', { token: malleable }],
    [
      'claims that were changed after signing',
      'token.signature-invalid',
      {
        token: (token) => {
          const [header, payload = '', signature] = token.split('.');
          const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
          const changed = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp - 1 })).toString(
            'base64url',
          );
          return [header, changed, signature].join('.');
        },
      },
    ],
  ],
};

export const claimCases: Cases = {
  unsigned: [
    ['an expired token', 'token.expired', at(-90)],
    ['a token that is not yet valid', 'token.expired', at(30)],
    ['a token of tomorrow', 'token.expired', at(86_400)],
    [
      "another member's id as issuer",
      'token.issuer-mismatch',
      (w) => ({ claims: { iss: w.receiver.config.member } }),
    ],
    ['the audience of another member', 'token.audience-mismatch', { claims: { aud: 'police-p' } }],
    [
      'the sender itself as audience',
      'token.audience-mismatch',
      (w) => ({ claims: { aud: w.sender.config.member } }),
    ],
    [
      'the binding of another certificate',
      'token.binding-mismatch',
      ({ identities }) => ({ claims: { cnf: { 'x5t#S256': identities.receiver.x5t } } }),
    ],
    ['another method', 'token.target-mismatch', { claims: { htm: 'PUT' } }],
    [
      'another path',
      'token.target-mismatch',
      (w) => ({ claims: { htu: `https://${authority(w)}/x/v1/status` } }),
    ],
    ['another host', 'token.target-mismatch', { claims: { htu: 'https://gw.other.example/x/v1/messages' } }],
    [
      'a target with a query',
      'token.target-mismatch',
      (w) => ({ claims: { htu: `https://${authority(w)}/x/v1/messages?` } }),
    ],
    ['a mid unlike Exchange-Id', 'token.id-mismatch', { claims: { mid: newId() } }],
    [
      'a cdg unlike Content-Digest',
      'exchange.digest-mismatch',
      { claims: { cdg: digestClaim(sha256('other')) } },
    ],
    ['a len unlike Content-Length', 'exchange.length-mismatch', { claims: { len: 1 } }],
    ['a life over 60 s', 'token.claims-refused', lifetime({ exp: 61 })],
    ['no life', 'token.claims-refused', lifetime({ exp: 0 })],
    ['nbf unlike iat', 'token.claims-refused', lifetime({ nbf: -1 })],
    ['a cty unlike Content-Type', 'token.claims-refused', { claims: { cty: 'text/plain' } }],
    ['a list of audiences', 'token.claims-refused', (w) => ({ claims: { aud: [w.receiver.config.member] } })],
    ['times as text', 'token.claims-refused', { claims: { iat: '1' } }],
    ['a short jti', 'token.claims-refused', { claims: { jti: 'AAAA' } }],
    ['an extra claim', 'token.claims-refused', { claims: { sub: 'root' } }],
    [
      'an extra member of cnf',
      'token.claims-refused',
      ({ identities }) => ({
        claims: { cnf: { 'x5t#S256': identities.sender.x5t, jkt: 'x' } },
      }),
    ],
    [
      'a claim given twice',
      'token.claims-refused',
      { claimsText: (json) => `{"aud":"bank-a",${json.slice(1)}` },
    ],
    [
      '__proto__ as a claim',
      'token.claims-refused',
      { claimsText: (json) => `{"__proto__":{},${json.slice(1)}` },
    ],
    ['claims that are a list', 'token.claims-refused', { claimsText: (json) => `[${json}]` }],
  ],
};

function lifetime(change: { readonly exp?: number; readonly nbf?: number }) {
  return (world: WireWorld): Change => {
    const iat = Math.floor(world.clock().getTime() / 1000);
    return { claims: { iat, nbf: iat + (change.nbf ?? 0), exp: iat + (change.exp ?? 60) } };
  };
}

const claims = 'iss aud grp pur iat nbf exp jti mid htm htu cty cdg len cnf sch reg ofr'.split(' ');

export const missingClaimCases: Cases = {
  unsigned: claims.map((name): Case => [
    `no ${name}`,
    'token.claims-refused',
    { claims: { [name]: undefined } },
  ]),
};
