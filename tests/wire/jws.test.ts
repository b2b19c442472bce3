import assert from 'node:assert/strict';
import { constants, createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { CompactSign, compactVerify, importJWK, type JWK } from 'jose';
import { isGatewayError, type ErrorCode } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/canonical.ts';
import {
  encodeHeader,
  generateSealKey,
  headerOf,
  importSigningKey,
  readHeader,
  signCompact,
  signFlattened,
  thumbprint,
  verifyFlattened,
  verifySignature,
} from '../../src/wire/jws.ts';
import type { GeneratedKey, SealAlgorithm, VerificationKey } from '../../src/wire/jws.ts';

const algorithms: readonly SealAlgorithm[] = ['Ed25519', 'ES256', 'PS256'];
const data = Buffer.from('what is signed');
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const registered = (pair: GeneratedKey, alg: SealAlgorithm): VerificationKey => ({
  kid: pair.kid,
  alg,
  jwk: pair.publicJwk,
});

describe('seal keys', () => {
  const pairs = new Map<SealAlgorithm, GeneratedKey>();
  before(async () => {
    for (const alg of algorithms) pairs.set(alg, await generateSealKey(alg));
  });

  for (const alg of algorithms) {
    it(`signs and verifies with ${alg}`, async () => {
      const pair = pairs.get(alg) as GeneratedKey;
      const key = await importSigningKey(pair.privateJwk);
      const signature = await key.sign(data);
      assert.equal(key.kid, pair.kid);
      assert.equal(key.alg, alg);
      assert.equal(await verifySignature(registered(pair, alg), data, signature), true);
      assert.equal(await verifySignature(registered(pair, alg), Buffer.from('other'), signature), false);
    });

    it(`makes ${alg} tokens that jose verifies, and verifies those of jose`, async () => {
      const pair = pairs.get(alg) as GeneratedKey;
      const key = await importSigningKey(pair.privateJwk);
      const header = headerOf('lzx-req+jwt', key);
      const ours = await signCompact(header, { a: 1 }, key);
      await compactVerify(ours, await importJWK(pair.publicJwk as JWK, alg), { algorithms: [alg] });

      const signer = new CompactSign(Buffer.from('{}')).setProtectedHeader({ ...header });
      const theirs = await signer.sign(await importJWK(pair.privateJwk as JWK, alg));
      const [head, payload, signature] = theirs.split('.') as [string, string, string];
      const jws = { protected: head, payload, signature };
      assert.equal(await verifyFlattened(jws, readHeader(head, 'lzx-req+jwt'), registered(pair, alg)), true);
    });

    it(`refuses wrong ${alg} signatures: empty, zero, truncated, lengthened, of another key`, async () => {
      const pair = pairs.get(alg) as GeneratedKey;
      const key = await importSigningKey(pair.privateJwk);
      const other = await importSigningKey((await generateSealKey(alg)).privateJwk);
      const signature = await key.sign(data);
      const wrong = [
        Buffer.alloc(0),
        Buffer.alloc(signature.length),
        signature.subarray(1),
        Buffer.concat([signature, Buffer.alloc(1)]),
        await other.sign(data),
      ];
      for (const one of wrong) assert.equal(await verifySignature(registered(pair, alg), data, one), false);
    });
  }

  it('refuses a PS256 signature whose zero in front was left out', async function () {
    this.timeout(60_000);
    const pair = pairs.get('PS256') as GeneratedKey;
    const key = await importSigningKey(pair.privateJwk);
    // One in 256 begins with a zero.
    let signature = await key.sign(data);
    for (let tries = 0; signature[0] !== 0 && tries < 5000; tries += 1) signature = await key.sign(data);
    assert.equal(signature[0], 0, 'a signature that begins with a zero');
    assert.equal(await verifySignature(registered(pair, 'PS256'), data, signature), true);
    assert.equal(await verifySignature(registered(pair, 'PS256'), data, signature.subarray(1)), false);
  });

  it('refuses a DER signature where ES256 asks for r and s', async () => {
    const pair = pairs.get('ES256') as GeneratedKey;
    const der = sign('sha256', data, { key: pair.privateJwk as JWK, format: 'jwk', dsaEncoding: 'der' });
    assert.equal(await verifySignature(registered(pair, 'ES256'), data, der), false);
  });

  it('refuses PKCS#1 v1.5 and a foreign salt length where PS256 is registered', async () => {
    const pair = pairs.get('PS256') as GeneratedKey;
    const key = { key: pair.privateJwk as JWK, format: 'jwk' as const };
    const rs256 = sign('sha256', data, { ...key, padding: constants.RSA_PKCS1_PADDING });
    const salted = sign('sha256', data, { ...key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 0 });
    assert.equal(await verifySignature(registered(pair, 'PS256'), data, rs256), false);
    assert.equal(await verifySignature(registered(pair, 'PS256'), data, salted), false);
  });

  it('refuses keys that do not fit: short RSA, another curve, symmetric, a private key, a false kid, RSA with a weak exponent', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const cubed = generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 });
    const { n } = (pairs.get('PS256') as GeneratedKey).publicJwk;
    const ed = pairs.get('Ed25519') as GeneratedKey;
    const kid = ed.kid;
    const unfit: VerificationKey[] = [
      { kid, alg: 'PS256', jwk: rsa.publicKey.export({ format: 'jwk' }) as JsonObject },
      { kid, alg: 'ES256', jwk: p384.publicKey.export({ format: 'jwk' }) as JsonObject },
      { kid, alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } },
      { kid, alg: 'Ed25519', jwk: { kty: 'oct', k: 'AAAA' } },
      { kid, alg: 'RS256', jwk: ed.publicJwk },
      { kid, alg: 'none', jwk: ed.publicJwk },
      { kid, alg: 'Ed25519', jwk: { ...ed.privateJwk } },
      { kid: 'A'.repeat(43), alg: 'Ed25519', jwk: { ...ed.publicJwk } },
      { kid, alg: 'ES256', jwk: { ...ed.publicJwk } },
    ];
    // With the exponent 1 a signature is its own padded hash: anybody makes it.
    for (const jwk of [
      cubed.publicKey.export({ format: 'jwk' }) as JsonObject,
      { kty: 'RSA', n: n!, e: 'AQ' },
    ])
      unfit.push({ kid: await thumbprint(jwk), alg: 'PS256', jwk });
    for (const key of unfit) {
      await assert.rejects(verifySignature(key, data, Buffer.alloc(64)), (error) =>
        isGatewayError(error, 'pki.key-invalid'),
      );
    }
    await assert.rejects(importSigningKey(rsa.privateKey.export({ format: 'jwk' })));
    await assert.rejects(importSigningKey({ kty: 'oct', k: 'AAAA', alg: 'HS256' }));
  });

  it('names a key by its RFC 7638 thumbprint (the example of RFC 8037)', async () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
    assert.equal(await thumbprint(jwk), 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });
});

describe('JOSE header', () => {
  const kid = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
  const good = { typ: 'lzx-req+jwt', alg: 'Ed25519', kid };

  it('reads exactly typ, alg and kid', () => {
    assert.deepEqual(readHeader(encode(good), 'lzx-req+jwt'), good);
    assert.deepEqual(
      readHeader(encodeHeader({ ...good, typ: 'lz-env+jws', alg: 'ES256' }), 'lz-env+jws').alg,
      'ES256',
    );
  });

  const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const refused: readonly (readonly [string, unknown, ErrorCode])[] = [
    ['alg none', { ...good, alg: 'none' }, 'token.algorithm-refused'],
    ['alg nOnE', { ...good, alg: 'nOnE' }, 'token.algorithm-refused'],
    ['alg HS256', { ...good, alg: 'HS256' }, 'token.algorithm-refused'],
    ['alg RS256', { ...good, alg: 'RS256' }, 'token.algorithm-refused'],
    ['alg EdDSA', { ...good, alg: 'EdDSA' }, 'token.algorithm-refused'],
    ['alg ES256K', { ...good, alg: 'ES256K' }, 'token.algorithm-refused'],
    ['alg as a list', { ...good, alg: ['Ed25519'] }, 'token.algorithm-refused'],
    ['no alg', { typ: good.typ, kid, x: 1 }, 'token.algorithm-refused'],
    ['an embedded jwk', { ...good, jwk: ed }, 'token.header-refused'],
    ['a jwk in place of the kid', { typ: good.typ, alg: good.alg, jwk: ed }, 'token.header-refused'],
    ['jku', { ...good, jku: 'https://attacker.example/jwks' }, 'token.header-refused'],
    ['x5u', { ...good, x5u: 'https://attacker.example/x' }, 'token.header-refused'],
    ['x5c', { ...good, x5c: ['AAAA'] }, 'token.header-refused'],
    ['crit', { ...good, crit: ['b64'] }, 'token.header-refused'],
    ['b64', { ...good, b64: false }, 'token.header-refused'],
    ['zip', { ...good, zip: 'DEF' }, 'token.header-refused'],
    ['another typ', { ...good, typ: 'lzx-res+jwt' }, 'token.header-refused'],
    ['typ in capitals', { ...good, typ: 'LZX-REQ+JWT' }, 'token.header-refused'],
    ['no typ', { alg: good.alg, kid, cty: 'x' }, 'token.header-refused'],
    ['kid as a path', { ...good, kid: '../../../../../dev/null' }, 'token.header-refused'],
    ['kid as SQL', { ...good, kid: "' OR 1=1--" }, 'token.header-refused'],
    ['kid as a URL', { ...good, kid: 'https://attacker.example/key' }, 'token.header-refused'],
    ['kid with NUL', { ...good, kid: `${kid.slice(1)}\0` }, 'token.header-refused'],
    ['kid __proto__', { ...good, kid: '__proto__' }, 'token.header-refused'],
    ['kid too long', { ...good, kid: 'A'.repeat(44) }, 'token.header-refused'],
    ['kid as a number', { ...good, kid: 7 }, 'token.header-refused'],
    ['a list', [good], 'token.header-refused'],
    ['null', null, 'token.header-refused'],
  ];
  for (const [name, header, code] of refused) {
    it(`refuses ${name} with ${code}`, () => {
      assert.throws(
        () => readHeader(encode(header), 'lzx-req+jwt'),
        (error) => isGatewayError(error, code),
      );
    });
  }

  it('refuses a header that names alg twice', () => {
    const twice = `{"typ":"lzx-req+jwt","alg":"none","kid":"${kid}","alg":"Ed25519"}`;
    assert.throws(
      () => readHeader(Buffer.from(twice).toString('base64url'), 'lzx-req+jwt'),
      (error) => isGatewayError(error, 'token.header-refused'),
    );
  });
});

describe('flattened JWS', () => {
  it('does not verify an HMAC made with the public key as its secret', async () => {
    const pair = await generateSealKey('ES256');
    const pem = createPublicKey({ key: pair.publicJwk as JWK, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    const head = encode({ typ: 'lz-env+jws', alg: 'ES256', kid: pair.kid });
    const mac = createHmac('sha256', pem).update(`${head}.e30`).digest('base64url');
    const jws = { protected: head, payload: 'e30', signature: mac };
    assert.equal(
      await verifyFlattened(jws, readHeader(head, 'lz-env+jws'), registered(pair, 'ES256')),
      false,
    );
  });

  it('does not verify when the token names another algorithm than the registry', async () => {
    const pair = await generateSealKey('Ed25519');
    const key = await importSigningKey(pair.privateJwk);
    const jws = await signFlattened('lz-env+jws', data, key);
    const header = readHeader(jws.protected, 'lz-env+jws');
    assert.equal(await verifyFlattened(jws, header, registered(pair, 'Ed25519')), true);
    assert.equal(await verifyFlattened(jws, { ...header, alg: 'ES256' }, registered(pair, 'Ed25519')), false);
  });
});
