/** The member's own interface: tokens that do not open it, paths and queries that lead astray, streams without end. */
import { createHmac, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { newNonce } from '../../../src/core/ids.ts';
import { importSigningKey, type SigningKey } from '../../../src/wire/jws.ts';
import { FEATURE_GROUP } from '../../../src/demo/cast.ts';
import { errorTable } from '../../../src/core/error-table.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import type { AttackCase, Expectation, Outcome } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';
import type { Threat } from '../threats.ts';
import { encode } from '../token-forgery.ts';

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly authorization?: string;
}

export async function ask(
  world: AttackWorld,
  { method = 'GET', path = '/v1/deliveries', headers = {}, body, authorization }: Asked,
): Promise<Outcome> {
  const answer = await fetch(`${world.receiver.memberUrl}${path}`, {
    method,
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  }).catch(() => undefined);
  if (answer === undefined) return { status: 0 };
  const text = await answer.text();
  const problem = answer.headers.get('content-type') === 'application/problem+json';
  const code = problem ? (JSON.parse(text) as { code: string }).code : undefined;
  return {
    status: answer.status,
    code,
    ...(authorization === undefined
      ? {}
      : { secrets: [authorization.slice(-40)].filter((s) => s.length === 40) }),
  };
}

interface Bearer {
  readonly header?: object;
  readonly claims?: object;
  readonly sign?: (input: Buffer, key: SigningKey, world: AttackWorld) => Buffer | Promise<Buffer>;
  readonly bend?: (token: string) => string;
}

/** A good token for every scope, changed. */
export async function bearer(
  world: AttackWorld,
  { header, claims, sign, bend = (t) => t }: Bearer = {},
): Promise<string> {
  const { issuer, audience, jwks } = world.receiver.config.memberPlane;
  const key = await importSigningKey(
    JSON.parse(await readFile(join(dirname(jwks), 'issuer.jwk'), 'utf8')) as never,
  );
  const now = Math.floor(Date.now() / 1000);
  const scope =
    'features:write features:read screen evidence:write evidence:release transfer:act erasure:act audit:read admin';
  const good = {
    iss: issuer,
    aud: audience,
    sub: 'attacker',
    scope,
    iat: now,
    exp: now + 300,
    jti: newNonce(),
  };
  const input = `${encode(JSON.stringify({ typ: 'at+jwt', alg: key.alg, kid: key.kid, ...header }))}.${encode(JSON.stringify({ ...good, ...claims }))}`;
  const signature = (await sign?.(Buffer.from(input), key, world)) ?? (await key.sign(Buffer.from(input)));
  return bend(`${input}.${signature.toString('base64url')}`);
}

export const refusal = (code: ErrorCode, rest: Partial<Expectation> = {}): Expectation => ({
  status: errorTable[code].status,
  code,
  entries: [],
  ...rest,
});
const invalid = refusal('auth.token-invalid');
const token = (
  name: string,
  change: Bearer,
  expect: Expectation = invalid,
  threat: Threat = 'member-plane',
): AttackCase => ({
  name,
  threat,
  attack: async (world) => ask(world, { authorization: `Bearer ${await bearer(world, change)}` }),
  expect,
});
const header = (
  name: string,
  authorization: string | undefined,
  expect: Expectation = invalid,
): AttackCase => ({
  name,
  threat: 'member-plane',
  attack: (world) => ask(world, authorization === undefined ? {} : { authorization }),
  expect,
});
/** With a good token of every scope. */
const call = (
  threat: Threat,
  name: string,
  asked: Asked | ((world: AttackWorld) => Asked),
  expect: Expectation,
): AttackCase => ({
  name,
  threat,
  attack: async (world) =>
    ask(world, {
      authorization: `Bearer ${await bearer(world)}`,
      ...(typeof asked === 'function' ? asked(world) : asked),
    }),
  expect,
});

async function publicPem(world: AttackWorld): Promise<string> {
  const { keys } = JSON.parse(await readFile(world.receiver.config.memberPlane.jwks, 'utf8')) as {
    keys: [object];
  };
  return String(
    createPublicKey({ key: keys[0] as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
  );
}

const now = (): number => Math.floor(Date.now() / 1000);
const tokens: readonly AttackCase[] = [
  header('no token', undefined, refusal('auth.token-missing')),
  header('Basic', 'Basic YTpi'),
  header('Bearer and nothing', 'Bearer '),
  header('two tokens', 'Bearer a.b.c d.e.f'),
  header('a token of 9 kilobytes', `Bearer ${'a'.repeat(9000)}`),
  header('dots', 'Bearer ..'),
  ...['none', 'None', 'NONE', 'nOnE'].map((alg) =>
    token(`alg ${alg} without a signature`, {
      header: { alg },
      bend: (t) => t.slice(0, t.lastIndexOf('.') + 1),
    }),
  ),
  token('alg none with a signature', { header: { alg: 'none' } }),
  token(
    'HS256 keyed with the public key',
    {
      header: { alg: 'HS256' },
      sign: async (input, _key, world) =>
        createHmac('sha256', await publicPem(world))
          .update(input)
          .digest(),
    },
    invalid,
    'algorithm-confusion',
  ),
  token('an embedded jwk', { header: { jwk: { kty: 'oct', k: 'AAAA' } }, sign: () => Buffer.alloc(64, 1) }),
  token(
    'jku at a listener of the attacker',
    { header: { jku: 'http://127.0.0.1:1/', kid: 'x' } },
    invalid,
    'embedded-key',
  ),
  token('a kid that is a path', { header: { kid: '../../../dev/null' } }, invalid, 'kid-injection'),
  token('crit', { header: { crit: ['x'], x: 1 } }),
  token('typ of an exchange token', { header: { typ: 'lzx-req+jwt' } }),
  token('another audience', { claims: { aud: 'urn:lianzheng:lianzheng-demo:bank-a' } }),
  token('no audience', { claims: { aud: undefined } }),
  token('another issuer', { claims: { iss: 'https://issuer.bank-a.example' } }),
  token('no issuer', { claims: { iss: undefined } }),
  token('expired', { claims: { iat: now() - 7200, exp: now() - 3600 } }),
  token('no end', { claims: { exp: undefined } }),
  token('an end that is text', { claims: { exp: '9999999999' } }),
  token('not yet valid', { claims: { nbf: now() + 3600 } }),
  token('no subject', { claims: { sub: undefined } }),
  token('a psychic signature', { sign: () => Buffer.alloc(64) }),
  token('padding', { bend: (t) => `${t}=` }, invalid, 'base64-malleability'),
  token(
    'a key twice in the claims',
    {
      bend: (t) => {
        const [h, c, s] = t.split('.') as [string, string, string];
        return [h, encode(Buffer.from(c, 'base64url').toString().replace('{', '{"scope":"admin",')), s].join(
          '.',
        );
      },
    },
    invalid,
    'duplicate-keys',
  ),
  token('no scope', { claims: { scope: '' } }, refusal('auth.scope-missing')),
  token(
    'a scope that begins the same',
    { claims: { scope: 'audit:readall' } },
    refusal('auth.scope-missing'),
  ),
  token('a scope in capitals', { claims: { scope: 'AUDIT:READ' } }, refusal('auth.scope-missing')),
  token('scopes with commas', { claims: { scope: 'audit:read,admin' } }, refusal('auth.scope-missing')),
  token('scopes as an object', { claims: { scope: { 'audit:read': true } } }, refusal('auth.scope-missing')),
  {
    name: 'an exchange token in place of a bearer token',
    threat: 'member-plane',
    attack: async (world) => {
      const { forge } = await import('../../exchange/forge.ts');
      return ask(world, { authorization: `Bearer ${(await forge(world)).token}` });
    },
    expect: invalid,
  },
];

const notFound = refusal('http.not-found');
const logged = (code: ErrorCode): Expectation => refusal(code, { entries: ['request.refused'] });
const json = { 'content-type': 'application/json' };
const ndjson = { 'content-type': 'application/x-ndjson' };
const features = `/v1/groups/${FEATURE_GROUP}/features?purpose=RISK_PREVENTION&basis=PIPL-13`;
const paths: readonly AttackCase[] = [
  call('member-plane', 'a path that nobody serves', { path: '/v1/admin' }, notFound),
  call('member-plane', 'a peer path', { path: '/x/v1/messages' }, notFound),
  call('member-plane', 'a path in capitals', { path: '/V1/DELIVERIES' }, notFound),
  call('member-plane', 'a slash at the end', { path: '/v1/deliveries/' }, notFound),
  call(
    'zip-slip',
    'a packet id that climbs, encoded',
    { path: '/v1/packets/..%2f..%2fetc%2fpasswd/bundle' },
    refusal('request.invalid'),
  ),
  call(
    'kid-injection',
    'a packet id that injects',
    { path: `/v1/packets/${encodeURIComponent("' OR 1=1 --")}` },
    refusal('request.invalid'),
  ),
  call(
    'member-plane',
    'a limit of a million',
    { path: '/v1/deliveries?limit=1000000' },
    refusal('request.invalid'),
  ),
  call(
    'member-plane',
    'a limit that is none',
    { path: '/v1/deliveries?limit=x' },
    refusal('request.invalid'),
  ),
  call(
    'member-plane',
    'a query that nobody knows',
    { path: '/v1/deliveries?debug=1' },
    refusal('request.invalid'),
  ),
  call(
    'prototype-pollution',
    'a query with __proto__',
    { path: '/v1/deliveries?__proto__[polluted]=1' },
    refusal('request.invalid'),
  ),
  call(
    'prototype-pollution',
    'a query with constructor',
    { path: '/v1/deliveries?constructor.prototype.polluted=1' },
    refusal('request.invalid'),
  ),
  call(
    'smuggling',
    'the same query twice',
    { path: '/v1/deliveries?limit=1&limit=2' },
    refusal('request.invalid'),
  ),
  call(
    'lossy-numbers',
    'a ledger index beyond 2^53',
    { path: '/v1/ledger/entries/9007199254740993' },
    notFound,
  ),
  call(
    'member-plane',
    'a ledger index below zero',
    { path: '/v1/ledger/entries/-1' },
    refusal('request.invalid'),
  ),
  call(
    'text-encoding',
    'a broken escape in the path',
    { path: '/v1/packets/%zz' },
    refusal('request.invalid'),
  ),
  call(
    'log-injection',
    'a line feed in the path',
    { path: '/v1/packets/%0a%7b%22level%22:30%7d' },
    refusal('request.invalid'),
  ),
];
const bodies: readonly AttackCase[] = [
  call(
    'malformed-json',
    'a body that is no JSON',
    { method: 'POST', path: '/v1/screenings', headers: json, body: '{' },
    logged('json.syntax'),
  ),
  call(
    'duplicate-keys',
    'a key twice',
    { method: 'POST', path: '/v1/screenings', headers: json, body: '{"a":1,"a":2}' },
    logged('json.duplicate-key'),
  ),
  call(
    'prototype-pollution',
    '__proto__ in a body',
    { method: 'POST', path: '/v1/screenings', headers: json, body: '{"__proto__":{"polluted":1}}' },
    logged('json.forbidden-key'),
  ),
  call(
    'deep-nesting',
    'a body of 100,000 brackets',
    { method: 'POST', path: '/v1/screenings', headers: json, body: '['.repeat(100_000) },
    logged('json.too-deep'),
  ),
  call(
    'oversize',
    'a body of 5 megabytes',
    { method: 'POST', path: '/v1/screenings', headers: json, body: `"${'a'.repeat(5 << 20)}"` },
    logged('http.body-too-large'),
  ),
  call(
    'zip-bomb',
    'a compressed body',
    { method: 'POST', path: '/v1/screenings', headers: { ...json, 'content-encoding': 'gzip' }, body: '{}' },
    logged('http.encoding-refused'),
  ),
  call(
    'member-plane',
    'a body that is a form',
    {
      method: 'POST',
      path: '/v1/screenings',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1',
    },
    logged('http.media-type-refused'),
  ),
  call(
    'oversize',
    'a line of 70 kilobytes',
    { method: 'POST', path: features, headers: ndjson, body: `{"value":"${'a'.repeat(70_000)}"}` },
    logged('request.invalid'),
  ),
  call(
    'oversize',
    'ten megabytes without a line end',
    { method: 'POST', path: features, headers: ndjson, body: 'a'.repeat(10 << 20) },
    logged('request.invalid'),
  ),
  call(
    'rogue-member',
    'features for a group that we are not in',
    {
      method: 'POST',
      path: '/v1/groups/evidence-desk/features?purpose=RISK_PREVENTION&basis=PIPL-13',
      headers: ndjson,
      body: '{}',
    },
    logged('grant.refused'),
  ),
];

export const memberPlaneCases: readonly AttackCase[] = [...tokens, ...paths, ...bodies];
