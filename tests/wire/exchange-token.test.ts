import assert from 'node:assert/strict';
import type { JsonValue } from '../../src/core/canonical.ts';
import { sha256 } from '../../src/core/digest.ts';
import { isGatewayError, type ErrorCode } from '../../src/core/errors.ts';
import { newId, newNonce } from '../../src/core/ids.ts';
import { digestClaim } from '../../src/wire/content-digest.ts';
import {
  checkRequestClaims,
  checkResponseClaims,
  readToken,
  signRequestToken,
  signResponseToken,
  tokenHash,
} from '../../src/wire/exchange-token.ts';
import type {
  RequestClaims,
  RequestExpectation,
  ResponseClaims,
  ResponseExpectation,
} from '../../src/wire/exchange-token.ts';
import { generateSealKey, importSigningKey, verifySignature } from '../../src/wire/jws.ts';
import type { GeneratedKey, SigningKey } from '../../src/wire/jws.ts';

const now = new Date('2026-11-23T08:00:00.000Z');
const at = now.getTime() / 1000;
const client = sha256('client certificate').toString('base64url');
const server = sha256('server certificate').toString('base64url');
const leaf = sha256('leaf').toString('hex');

const request: RequestClaims = {
  iss: 'bank-a',
  aud: 'police-b',
  grp: 'loan-fraud',
  pur: 'fraud-prevention',
  iat: at,
  nbf: at,
  exp: at + 60,
  jti: newNonce(),
  mid: newId(),
  htm: 'POST',
  htu: 'https://gw.police-b.example:8443/x/v1/messages',
  cty: 'application/json',
  cdg: digestClaim(sha256('{}')),
  len: 2,
  cnf: { 'x5t#S256': client },
  sch: `urn:lianzheng:schema:feature-batch:1.0.0#${leaf}`,
  reg: 3,
  ofr: { origin: 'ledger.bank-a.example', index: 4, leaf, size: 5, root: leaf },
};

const expected: RequestExpectation = {
  now,
  skewSeconds: 10,
  audience: 'police-b',
  issuer: 'bank-a',
  method: 'POST',
  target: request.htu,
  certificate: client,
};

describe('request claims', () => {
  const check = (claims: object, expectation = expected): RequestClaims =>
    checkRequestClaims(claims as JsonValue, expectation);

  it('accepts exactly the claims of the profile', () => {
    assert.deepEqual(check(request), request);
    assert.deepEqual(check({ ...request, ofr: null, sch: '-', grp: '-' }).ofr, null);
  });

  for (const name of Object.keys(request)) {
    it(`refuses a token without ${name}`, () => {
      const rest = Object.fromEntries(Object.entries(request).filter(([claim]) => claim !== name));
      refuses(() => check(rest), 'token.claims-refused', name);
    });
  }

  it('refuses an unknown claim, in the token and inside cnf and ofr', () => {
    refuses(() => check({ ...request, sub: 'x' }), 'token.claims-refused', 'sub');
    refuses(() => check({ ...request, cnf: { ...request.cnf, jkt: client } }), 'token.claims-refused', 'cnf');
    refuses(() => check({ ...request, ofr: { ...request.ofr, extra: 1 } }), 'token.claims-refused', 'ofr');
  });

  const malformed: Readonly<Record<string, readonly unknown[]>> = {
    iss: ['', 'Bank-A', 'bank a', 7, null, ['bank-a'], '../bank-a'],
    aud: [['police-b'], ['police-b', 'bank-c'], 'police-b\n', 7],
    grp: ['', 'Group', 7],
    pur: ['', 'a\nb', 'x'.repeat(129)],
    iat: ['1', 1.5, -1, null],
    jti: ['', 'A'.repeat(21), 'A'.repeat(23), `${'A'.repeat(21)}B`, `${'A'.repeat(21)}=`],
    mid: ['', 'not-a-uuid', '5f0d8f0e-1d5b-4c5b-9d3e-0123456789ab', request.mid.toUpperCase()],
    htm: ['post', '', 'POST '],
    htu: ['http://gw.police-b.example:8443/x/v1/messages', '', 'https://a b'],
    cty: ['', 'a\r\nb'],
    cdg: ['sha-256=', request.cdg.replace('sha-256', 'sha-512'), `${request.cdg}=`],
    len: ['2', -1, 1.5],
    cnf: [null, {}, client, { 'x5t#S256': 'short' }, { 'x5t#S1': client }],
    sch: ['', 'urn:other:schema:x:1.0.0#00', 'urn:lianzheng:schema:x:1#00', `urn:lianzheng:schema:x:1.0.0`],
    reg: ['3', -1, 2.5],
    ofr: [{}, [], { ...request.ofr, leaf: leaf.toUpperCase() }, { ...request.ofr, index: '4' }, undefined],
  };
  for (const [name, values] of Object.entries(malformed)) {
    it(`refuses a malformed ${name}`, () => {
      for (const value of values)
        refuses(() => check({ ...request, [name]: value }), 'token.claims-refused', name);
    });
  }

  it('refuses claims that are no object', () => {
    for (const claims of [null, [], 'x', 1]) refuses(() => check(claims as object), 'token.claims-refused');
  });

  const window: readonly (readonly [string, Partial<RequestClaims>, ErrorCode | undefined])[] = [
    ['iat 10 s ahead', { iat: at + 10, nbf: at + 10, exp: at + 70 }, undefined],
    ['iat 11 s ahead', { iat: at + 11, nbf: at + 11, exp: at + 71 }, 'token.expired'],
    ['exp 10 s ago', { iat: at - 70, nbf: at - 70, exp: at - 10 }, undefined],
    ['exp 11 s ago', { iat: at - 71, nbf: at - 71, exp: at - 11 }, 'token.expired'],
    ['a life of 61 s', { exp: at + 61 }, 'token.claims-refused'],
    ['no life', { exp: at }, 'token.claims-refused'],
    ['nbf after iat', { nbf: at + 1 }, 'token.claims-refused'],
  ];
  for (const [name, changed, code] of window) {
    it(`${code === undefined ? 'accepts' : 'refuses'} ${name}`, () => {
      const claims = { ...request, ...changed };
      if (code === undefined) assert.equal(check(claims).iat, claims.iat);
      else refuses(() => check(claims), code);
    });
  }

  it('accepts as much skew as is configured', () => {
    const claims = { ...request, iat: at + 60, nbf: at + 60, exp: at + 120 };
    assert.equal(check(claims, { ...expected, skewSeconds: 60 }).exp, at + 120);
  });

  const foreign: readonly (readonly [string, Partial<RequestExpectation>, ErrorCode])[] = [
    ['another audience', { audience: 'bank-c' }, 'token.audience-mismatch'],
    ['another issuer than the connection', { issuer: 'bank-c' }, 'token.issuer-mismatch'],
    ['another method', { method: 'GET' }, 'token.target-mismatch'],
    ['another path', { target: 'https://gw.police-b.example:8443/x/v1/status' }, 'token.target-mismatch'],
    ['another host', { target: 'https://gw.bank-c.example:8443/x/v1/messages' }, 'token.target-mismatch'],
    ['another certificate', { certificate: server }, 'token.binding-mismatch'],
  ];
  for (const [name, changed, code] of foreign) {
    it(`refuses a token for ${name} with ${code}`, () => {
      refuses(() => check(request, { ...expected, ...changed }), code);
    });
  }

  it('reports time before audience, audience before issuer, issuer before target, target before binding', () => {
    const all = { audience: 'x1', issuer: 'x2', method: 'GET', certificate: server };
    const late = new Date(now.getTime() + 3_600_000);
    const order: readonly (readonly [Partial<RequestExpectation>, ErrorCode])[] = [
      [{ ...all, now: late }, 'token.expired'],
      [all, 'token.audience-mismatch'],
      [{ ...all, audience: 'police-b' }, 'token.issuer-mismatch'],
      [{ method: 'GET', certificate: server }, 'token.target-mismatch'],
    ];
    for (const [changed, code] of order) refuses(() => check(request, { ...expected, ...changed }), code);
  });
});

describe('exchange tokens', () => {
  let pair: GeneratedKey;
  let key: SigningKey;
  before(async () => {
    pair = await generateSealKey();
    key = await importSigningKey(pair.privateJwk);
  });

  it('round-trips a request', async () => {
    const read = readToken(await signRequestToken(request, key), 'lzx-req+jwt');
    const registered = { kid: pair.kid, alg: 'Ed25519', jwk: pair.publicJwk };
    assert.deepEqual(checkRequestClaims(read.claims, expected), request);
    assert.equal(read.header.kid, pair.kid);
    assert.equal(await verifySignature(registered, read.signingInput, read.signature), true);
  });

  it('does not read a request as a response or the other way round', async () => {
    const token = await signRequestToken(request, key);
    refuses(() => readToken(token, 'lzx-res+jwt'), 'token.header-refused');
  });

  it('refuses malleable and malformed texts', async () => {
    const token = await signRequestToken(request, key);
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const twice = Buffer.from('{"iss":"bank-a","iss":"bank-b"}').toString('base64url');
    const texts: readonly (readonly [string, ErrorCode])[] = [
      ['', 'token.base64-invalid'],
      ['a.b', 'token.base64-invalid'],
      [`${header}.${payload}.`, 'token.base64-invalid'],
      [`${token}.${signature}`, 'token.base64-invalid'],
      [`${token}=`, 'token.base64-invalid'],
      [` ${token}`, 'token.base64-invalid'],
      [`${header}.${payload} .${signature}`, 'token.base64-invalid'],
      [`${header}.${payload}.${nextInSameByte(signature)}`, 'token.base64-invalid'],
      [`${header}.${twice}.${signature}`, 'token.claims-refused'],
      [`${header}..${signature}`, 'token.claims-refused'],
      [`${header}.${'A'.repeat(4096)}.${signature}`, 'token.too-large'],
    ];
    for (const [text, code] of texts) refuses(() => readToken(text, 'lzx-req+jwt'), code);
  });

  it('does not verify when one byte of the claims is another', async () => {
    const token = await signRequestToken(request, key);
    const other = readToken(await signRequestToken({ ...request, len: 3 }, key), 'lzx-req+jwt');
    const { signature } = readToken(token, 'lzx-req+jwt');
    const registered = { kid: pair.kid, alg: 'Ed25519', jwk: pair.publicJwk };
    assert.equal(await verifySignature(registered, other.signingInput, signature), false);
  });
});

describe('response claims', () => {
  const requestToken = 'head.payload.signature';
  const response: ResponseClaims = {
    iss: 'police-b',
    aud: 'bank-a',
    iat: at,
    jti: newNonce(),
    cnf: { 'x5t#S256': server },
    sts: 200,
    cdg: digestClaim(sha256('answer')),
    len: 6,
    cty: 'application/json',
    rth: tokenHash(requestToken),
    rjti: request.jti,
    mid: request.mid,
    rcdg: request.cdg,
    htm: 'POST',
    htu: request.htu,
    rpl: false,
    rcpt: { origin: 'ledger.police-b.example', index: 9, leaf },
  };
  const received: ResponseExpectation = {
    now,
    skewSeconds: 10,
    request,
    requestToken,
    certificate: server,
    status: 200,
    mediaType: 'application/json',
    digest: response.cdg,
    length: 6,
  };
  const check = (claims: object, changed: Partial<ResponseExpectation> = {}): ResponseClaims =>
    checkResponseClaims(claims as JsonValue, { ...received, ...changed });

  it('round-trips through a signed token', async () => {
    const key = await importSigningKey((await generateSealKey('ES256')).privateJwk);
    const read = readToken(await signResponseToken(response, key), 'lzx-res+jwt');
    assert.deepEqual(check(read.claims as object), response);
  });

  const wrong: Readonly<Partial<Record<keyof ResponseClaims, unknown>>> = {
    iss: 'bank-c',
    aud: 'bank-c',
    iat: at - 71,
    jti: '',
    cnf: { 'x5t#S256': client },
    sts: 201,
    cdg: request.cdg,
    len: 7,
    cty: 'text/plain',
    rth: tokenHash('another token'),
    rjti: newNonce(),
    mid: newId(),
    rcdg: digestClaim(sha256('other bytes')),
    htm: 'GET',
    htu: `${request.htu}x`,
    rpl: 'false',
    rcpt: { origin: 'x', index: 1 },
  };
  for (const [name, value] of Object.entries(wrong)) {
    it(`refuses a response without ${name} or with another one`, () => {
      const rest = Object.fromEntries(Object.entries(response).filter(([claim]) => claim !== name));
      refuses(() => check(rest), 'exchange.response-invalid', name);
      refuses(() => check({ ...response, [name]: value }), 'exchange.response-invalid', name);
    });
  }

  it('refuses an unknown claim', () => {
    refuses(() => check({ ...response, exp: at + 60 }), 'exchange.response-invalid', 'exp');
  });

  it('accepts a refusal that names no digest or another one, but no acceptance that does', () => {
    const refused = { ...response, sts: 400, rcpt: null };
    assert.equal(check({ ...refused, rcdg: null }, { status: 400 }).rcdg, null);
    assert.equal(check({ ...refused, rcdg: response.cdg }, { status: 400 }).rcdg, response.cdg);
    refuses(() => check({ ...response, rcdg: null }), 'exchange.response-invalid', 'rcdg');
  });
});

function refuses(work: () => unknown, code: ErrorCode, claim?: string): void {
  assert.throws(work, (error) => {
    if (!isGatewayError(error, code)) return false;
    if (claim !== undefined) assert.equal(error.facts['claim'], claim);
    return true;
  });
}

/** Another last character that a lenient decoder reads as the same byte. */
function nextInSameByte(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(text.at(-1) as string);
  return text.slice(0, -1) + (alphabet[last + 1] as string);
}
