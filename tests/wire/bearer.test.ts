import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { isGatewayError, type ErrorCode } from '../../src/core/errors.ts';
import { createBearerVerifier } from '../../src/wire/bearer.ts';

const issuer = 'https://login.bank-a.example';
const audience = 'lianzheng-bank-a';

describe('bearer tokens', () => {
  let directory: string;
  let file: string;
  let key: CryptoKey;
  let token: (
    change?: (jwt: SignJWT) => SignJWT,
    claims?: Record<string, unknown>,
    head?: object,
  ) => Promise<string>;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'lz-jwks-'));
    file = join(directory, 'jwks.json');
    key = await publish('one');
    token = (change = (jwt) => jwt, claims = { scope: 'screen features:write' }, head = {}) =>
      change(
        new SignJWT(claims)
          .setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', kid: 'one', ...head })
          .setIssuer(issuer)
          .setAudience(audience)
          .setSubject('core-system')
          .setExpirationTime('5 minutes'),
      ).sign(key);
  });
  after(() => rmSync(directory, { recursive: true }));

  async function publish(kid: string): Promise<CryptoKey> {
    const pair = await generateKeyPair('ES256');
    writeFileSync(
      file,
      JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256' }] }),
    );
    return pair.privateKey;
  }
  const verify = (text: string): Promise<unknown> =>
    createBearerVerifier({ issuer, audience, jwks: { file } }).verify(text);
  const refuses = (text: string, code: ErrorCode = 'auth.token-invalid'): Promise<void> =>
    assert.rejects(verify(text), (error) => isGatewayError(error, code));

  it('returns the subject and its scopes', async () => {
    assert.deepEqual(await verify(await token()), {
      subject: 'core-system',
      scopes: ['screen', 'features:write'],
    });
    const listed = await token(undefined, { scp: ['audit:read', 7] });
    assert.deepEqual(await verify(listed), { subject: 'core-system', scopes: ['audit:read'] });
    assert.deepEqual(await verify(await token(undefined, {})), { subject: 'core-system', scopes: [] });
  });

  it('refuses a missing token', () => refuses('', 'auth.token-missing'));

  it('refuses another issuer or audience, an expired token, one without exp or sub', async () => {
    await refuses(await token((jwt) => jwt.setIssuer('https://other.example')));
    await refuses(await token((jwt) => jwt.setAudience('other')));
    await refuses(await token((jwt) => jwt.setExpirationTime('-1 minute')));
    await refuses(await token((jwt) => jwt.setNotBefore('1 minute')));
    const bare = new SignJWT({ iss: issuer, aud: audience, sub: 'x' });
    await refuses(await bare.setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', kid: 'one' }).sign(key));
  });

  it('refuses an exchange token, alg none, HS256 and a foreign key', async () => {
    const head = { alg: 'ES256', kid: 'one' };
    await refuses(await token(undefined, {}, { typ: 'lzx-req+jwt' }));
    const claims = { iss: issuer, aud: audience, sub: 'x', exp: 9_999_999_999 };
    await refuses(new UnsecuredJWT(claims).encode());
    const secret = new TextEncoder().encode('0'.repeat(32));
    await refuses(await new SignJWT(claims).setProtectedHeader({ typ: 'at+jwt', alg: 'HS256' }).sign(secret));
    const foreign = (await generateKeyPair('ES256')).privateKey;
    await refuses(await new SignJWT(claims).setProtectedHeader({ ...head, typ: 'at+jwt' }).sign(foreign));
  });

  it('refuses stray base64 bits and white space, which jose forgives', async () => {
    const text = await token();
    for (const one of [
      `${text}=`,
      ` ${text}`,
      `${text}\n`,
      text.replace('.', '. '),
      `${text}.x`,
      'x'.repeat(9000),
    ]) {
      await refuses(one);
    }
  });

  it('finds a key that was added to the file later', async () => {
    const verifier = createBearerVerifier({ issuer, audience, jwks: { file } });
    await verifier.verify(await token());
    key = await publish('two');
    await verifier.verify(await token(undefined, {}, { kid: 'two' }));
  });

  it('does not start with keys over plain http', () => {
    assert.throws(
      () => createBearerVerifier({ issuer, audience, jwks: { url: 'http://login.example/jwks', fetch } }),
      (error) => isGatewayError(error, 'config.invalid'),
    );
  });
});
