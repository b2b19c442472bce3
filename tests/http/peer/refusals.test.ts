import assert from 'node:assert/strict';
import { sha256 } from '../../../src/core/digest.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { newId } from '../../../src/core/ids.ts';
import { contentDigestHeader, digestClaim } from '../../../src/wire/content-digest.ts';
import { defaultPeerLimits } from '../../../src/http/peer/limits.ts';
import { generateSealKey, importSigningKey } from '../../../src/wire/jws.ts';
import { localRates } from '../../world/local-rates.ts';
import { call, exchangeRaw, noteBody, openPeerWorld, openSocket, prepare } from './world.ts';
import type { Call, PeerWorld } from './world.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = (): number => Math.floor(Date.now() / 1000);
const text = (value: string): Pick<Call, 'body'> => ({ body: Buffer.from(value) });
const other = Buffer.from('{}');

/** Replaces the JOSE header of a token and leaves claims and signature as they are. */
const withHeader =
  (header: object) =>
  (token: string): string =>
    [encode(header), ...token.split('.').slice(1)].join('.');

describe('peer plane refusals', () => {
  let world: PeerWorld;
  before(async function () {
    this.timeout(60_000);
    world = await openPeerWorld();
  });
  after(() => world.close());

  const kid = (): string => world.alliance.members.a.seal.signing.kid;
  const head = (): object => ({ typ: 'lzx-req+jwt', alg: 'Ed25519', kid: kid() });

  type Case = readonly [name: string, code: string, make: () => Call | Promise<Call>];

  const beforeAuthentication: readonly Case[] = [
    ['a certificate that is not registered', 'tls.certificate-unregistered', () => ({ as: 'unlisted' })],
    ['a certificate past its registered validity', 'tls.certificate-expired', () => ({ as: 'expired' })],
    ['a revoked certificate', 'tls.certificate-expired', () => ({ as: 'revoked' })],
    ['a certificate that names another member', 'tls.certificate-unregistered', () => ({ as: 'misnamed' })],
    ['no token', 'http.header-missing', () => ({ headers: { 'exchange-token': undefined } })],
    ['no digest', 'http.header-missing', () => ({ headers: { 'content-digest': undefined } })],
    ['no Exchange-Id', 'http.header-missing', () => ({ headers: { 'exchange-id': undefined } })],
    ['no media type', 'http.header-missing', () => ({ headers: { 'content-type': undefined } })],
    ['another media type', 'http.media-type-refused', () => ({ headers: { 'content-type': 'text/plain' } })],
    [
      'media type parameters',
      'http.media-type-refused',
      () => ({ headers: { 'content-type': 'application/json; charset=utf-8' } }),
    ],
    ['Content-Encoding', 'http.encoding-refused', () => ({ headers: { 'content-encoding': 'gzip' } })],
    ['an MD5 digest', 'http.header-invalid', () => ({ headers: { 'content-digest': 'md5=:AAAA:' } })],
    [
      'an Exchange-Id of version 4',
      'http.header-invalid',
      () => ({ headers: { 'exchange-id': crypto.randomUUID() } }),
    ],
    ['a query', 'http.query-refused', () => ({ path: '/x/v1/messages?x=1' })],
    ['a body over the limit', 'http.body-too-large', () => text(' '.repeat(1024 * 1024 + 1))],
    ['a token over 4 KiB', 'token.too-large', () => ({ token: 'a'.repeat(4097) })],
    ['a token with padding', 'token.base64-invalid', () => ({ token: (token) => `${token}=` })],
    ['alg none', 'token.algorithm-refused', () => ({ token: withHeader({ ...head(), alg: 'none' }) })],
    ['alg HS256', 'token.algorithm-refused', () => ({ token: withHeader({ ...head(), alg: 'HS256' }) })],
    [
      'another algorithm than the registered',
      'token.algorithm-refused',
      () => ({ token: withHeader({ ...head(), alg: 'ES256' }) }),
    ],
    ['an embedded key', 'token.header-refused', () => ({ token: withHeader({ ...head(), jwk: {} }) })],
    [
      'a response token',
      'token.header-refused',
      () => ({ token: withHeader({ ...head(), typ: 'lzx-res+jwt' }) }),
    ],
    [
      'kid injection',
      'token.header-refused',
      () => ({ token: withHeader({ ...head(), kid: '../../dev/null' }) }),
    ],
    [
      'an unregistered key',
      'token.key-unknown',
      async () => ({ key: await importSigningKey((await generateSealKey()).privateJwk) }),
    ],
    [
      "another member's key",
      'token.key-unknown',
      () => ({ key: world.alliance.members.r.seal.signing, claims: { iss: 'regulator-r' } }),
    ],
    ['an unknown claim', 'token.claims-refused', () => ({ claims: { sub: 'x' } as Call['claims'] & object })],
    ['a missing claim', 'token.claims-refused', () => ({ claims: { reg: undefined } })],
    [
      'an expired token',
      'token.expired',
      () => ({ claims: { iat: now() - 90, nbf: now() - 90, exp: now() - 30 } }),
    ],
    ['another audience', 'token.audience-mismatch', () => ({ claims: { aud: 'bank-c' } })],
    ['another issuer', 'token.issuer-mismatch', () => ({ claims: { iss: 'regulator-r' } })],
    [
      'another path',
      'token.target-mismatch',
      () => ({ claims: { htu: `https://${world.authority}/x/v1/status` } }),
    ],
    [
      'another host',
      'token.target-mismatch',
      () => ({ claims: { htu: 'https://gw.example/x/v1/messages' } }),
    ],
    [
      'another certificate',
      'token.binding-mismatch',
      () => ({ claims: { cnf: { 'x5t#S256': world.identities.r.x5t } } }),
    ],
    ['a stolen token on the connection of another member', 'token.key-unknown', () => ({ as: 'r' })],
    ['mid unlike Exchange-Id', 'token.id-mismatch', () => ({ headers: { 'exchange-id': newId() } })],
    [
      'cdg unlike Content-Digest',
      'exchange.digest-mismatch',
      () => ({ claims: { cdg: digestClaim(sha256(other)) } }),
    ],
    ['len unlike Content-Length', 'exchange.length-mismatch', () => ({ claims: { len: 1 } })],
    [
      'a signature over other claims',
      'token.signature-invalid',
      () => ({ token: (token) => `${token.slice(0, token.lastIndexOf('.'))}.${'A'.repeat(86)}` }),
    ],
    ['another method', 'http.method-not-allowed', () => ({ method: 'PUT' })],
    ['another endpoint', 'http.not-found', () => ({ path: '/x/v1/other' })],
    ['a path in capitals', 'http.not-found', () => ({ path: '/X/v1/messages' })],
    ['a closing slash', 'http.not-found', () => ({ path: '/x/v1/messages/' })],
  ];

  for (const [name, code, make] of beforeAuthentication) {
    it(`refuses ${name} with unsigned ${code}, one entry and no row`, async () => {
      await refusedOnce(code, await make(), false);
    });
  }

  const afterAuthentication: readonly Case[] = [
    [
      'a body that differs from its digest',
      'exchange.digest-mismatch',
      async () => {
        const body = await noteBody(world);
        const claimed = Buffer.from(body.toString().replace('"signature"', '"Signature"'));
        return {
          body,
          claims: { cdg: digestClaim(sha256(claimed)) },
          headers: { 'content-digest': contentDigestHeader(sha256(claimed)) },
        };
      },
    ],
    ['an empty body', 'json.syntax', () => text('')],
    ['a key twice', 'json.duplicate-key', () => text('{"payload":"a","payload":"b"}')],
    ['a polluting key', 'json.forbidden-key', () => text('{"__proto__":{}}')],
    ['invalid UTF-8', 'json.encoding-invalid', () => ({ body: Buffer.from([0x22, 0xff, 0x22]) })],
    ['deep nesting', 'json.too-deep', () => text('['.repeat(65))],
    ['a lossy number', 'json.number-lossy', () => text('[9007199254740993]')],
    ['a body that breaks its schema', 'schema.invalid', () => text('{}')],
    [
      'an envelope of another issuer',
      'envelope.issuer-mismatch',
      async () => ({ body: await noteBody(world, { change: { issuer: 'regulator-r' } }) }),
    ],
    ['a group of another claim', 'envelope.invalid', () => ({ claims: { grp: 'group-aml' } })],
    [
      'what no grant permits',
      'grant.refused',
      async () => ({
        body: await noteBody(world, { change: { purpose: 'MARKETING' } }),
        claims: { pur: 'MARKETING' },
      }),
    ],
    [
      'a status request that breaks its schema',
      'schema.invalid',
      () => ({ path: '/x/v1/status', ...text('{"ids":[]}') }),
    ],
    [
      'a status request under a foreign schema',
      'schema.unknown',
      () => ({
        path: '/x/v1/status',
        ...text(`{"ids":["${newId()}"]}`),
        claims: { sch: `urn:lianzheng:schema:other:1.0.0#${'0'.repeat(64)}` },
      }),
    ],
  ];
  for (const [name, code, make] of afterAuthentication) {
    it(`refuses ${name} with signed ${code}, one entry and no row`, async () => {
      await refusedOnce(code, await make(), true);
    });
  }

  async function refusedOnce(code: string, one: Call, signed: boolean): Promise<void> {
    const [entriesBefore, rowsBefore] = [(await world.gateway.entries()).length, await businessRows()];
    const answer = await call(world, one);
    assert.equal(answer.code, code, answer.body.toString());
    assert.equal(answer.headers['exchange-token'] !== undefined, signed);
    const problem = JSON.parse(answer.body.toString()) as Record<string, unknown>;
    assert.deepEqual([problem['status'], problem['type']], [answer.status, `urn:lianzheng:error:${code}`]);
    assert.equal(problem['correlationId'], answer.headers['correlation-id']);

    const added = (await world.gateway.entries()).slice(entriesBefore);
    assert.deepEqual(
      added.map((entry) => [entry.kind, entry.code, entry.peer]),
      [['exchange.refused', code, signed ? 'bank-a' : undefined]],
    );
    assert.equal(added[0]?.subject.id, problem['correlationId']);
    assert.equal(await businessRows(), rowsBefore);
  }

  async function businessRows(): Promise<number | undefined> {
    const text = `SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM token_id WHERE issuer = 'note') AS n`;
    return (await world.gateway.world.database.query<{ n: number }>(text)).rows[0]?.n;
  }

  it('answers 503 and nothing inside when the refusal cannot be logged', async () => {
    const record = (): Promise<never> => Promise.reject(new Error('secret: disk gone'));
    const port = await world.serve({ refusals: { record } });
    for (const one of [{ claims: { aud: 'bank-c' } }, text('{}')]) {
      const answer = await call(world, { ...one, port });
      assert.deepEqual([answer.status, answer.code], [503, 'ledger.unavailable']);
      assert.ok(!answer.body.toString().includes('secret'));
    }
  });

  it('tells nothing of an internal error, signs it and logs no refusal', async () => {
    const receive = (): Promise<never> => Promise.reject(new Error('secret: column x'));
    const port = await world.serve({ messages: { receive } });
    const entries = (await world.gateway.entries()).length;
    const answer = await call(world, { port });
    assert.deepEqual([answer.status, answer.code], [500, 'internal']);
    assert.ok(answer.headers['exchange-token'] !== undefined && !answer.body.toString().includes('secret'));
    assert.equal((await world.gateway.entries()).length, entries);
  });

  it('slows a member down that sends too much, before its signature is looked at', async () => {
    const messages = { perSecond: 0.1, burst: 2 };
    const limits = { rates: { ...defaultPeerLimits.rates, messages } };
    const port = await world.serve({ limits, rates: localRates() });
    const flood = Array.from({ length: 4 }, () =>
      call(world, { port, token: (token) => `${token.slice(0, -86)}${'A'.repeat(86)}` }),
    );
    const answers = await Promise.all(flood);
    const codes = answers.map((answer) => answer.code).sort();
    assert.deepEqual(codes.slice(0, 2), ['exchange.rate-limited', 'exchange.rate-limited']);
    const limited = answers.find((answer) => answer.code === 'exchange.rate-limited');
    assert.equal(limited?.headers['retry-after'], '1');
  });

  it('refuses more at one time than a member may have', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const receive = async (): Promise<never> => {
      await gate;
      throw new GatewayError('exchange.kind-unknown');
    };
    const port = await world.serve({
      limits: { memberConcurrency: 1, queueWaitMs: 200 },
      messages: { receive },
    });
    const first = call(world, { port });
    await new Promise((resolve) => setTimeout(resolve, 150));
    const waited = await call(world, { port });
    assert.deepEqual([waited.code, waited.headers['retry-after']], ['exchange.overloaded', '1']);
    open();
    assert.equal((await first).code, 'exchange.kind-unknown');
    assert.equal((await call(world, { port })).code, 'exchange.kind-unknown');
  });

  it('refuses doubled headers, chunked bodies and smuggling', async () => {
    const { headers, body } = await prepare(world);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const raw = (extra: readonly string[], rest = lines, payload = body.toString()): string =>
      [
        'POST /x/v1/messages HTTP/1.1',
        'host: localhost',
        'connection: close',
        ...rest,
        ...extra,
        '',
        payload,
      ].join('\r\n');
    const without = lines.filter((line) => !line.startsWith('content-length'));
    const chunked = `${body.length.toString(16)}\r\n${body.toString()}\r\n0\r\n\r\n`;
    const cases: readonly (readonly [string, string])[] = [
      [raw([`exchange-id: ${headers['exchange-id']}`]), 'http.header-duplicate'],
      [raw([`Exchange-Token: ${headers['exchange-token']}`]), 'http.header-duplicate'],
      [raw(['content-type: application/json']), 'http.header-duplicate'],
      [raw(['transfer-encoding: chunked'], without, chunked), 'http.encoding-refused'],
      [raw(['transfer-encoding: chunked'], lines, chunked), ' 400 '],
      [raw(['content-length: 1']), ' 400 '],
      [raw(['x : y']), ' 400 '],
      [raw([`x: ${'y'.repeat(20_000)}`]), ' 431 '],
    ];
    for (const [text, expected] of cases) {
      const socket = await openSocket(world);
      const answer = await exchangeRaw(socket, text);
      assert.ok(answer.includes(expected), `${expected}: ${answer.slice(0, 300)}`);
      assert.ok(/connection: close/i.test(answer));
    }
  });

  it('asks for the body only after the token has passed', async () => {
    const expecting = async (one: Call): Promise<string> => {
      const { headers } = await prepare(world, one);
      const lines = Object.entries({ ...headers, expect: '100-continue', host: 'localhost' });
      const head = lines.map(([name, value]) => `${name}: ${value}`).join('\r\n');
      const socket = await openSocket(world);
      const answer = await exchangeRaw(socket, `POST /x/v1/messages HTTP/1.1\r\n${head}\r\n\r\n`, '\r\n\r\n');
      socket.destroy();
      return answer;
    };
    assert.match(await expecting({}), /^HTTP\/1\.1 100 Continue/);
    assert.match(await expecting({ claims: { aud: 'bank-c' } }), /^HTTP\/1\.1 401 /);
  });

  it('logs a body that broke off under the caller, and leaves no row', async () => {
    const { headers, body } = await prepare(world);
    const lines = Object.entries({ ...headers, host: 'localhost' }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    const rows = await businessRows();
    const socket = await openSocket(world);
    socket.write(
      `POST /x/v1/messages HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body.toString().slice(0, 50)}`,
    );
    setTimeout(() => socket.destroy(), 200);
    const logged = async (): Promise<boolean> =>
      (await world.gateway.entries()).some(
        ({ code, peer }) => code === 'http.body-truncated' && peer === 'bank-a',
      );
    while (!(await logged())) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await businessRows(), rows);
  });
});
