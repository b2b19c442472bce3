import assert from 'node:assert/strict';
import request from 'supertest';
import { createTestPlane, type TestPlane } from './plane.ts';

describe('member plane: bearer tokens', () => {
  let plane: TestPlane;
  before(async () => {
    plane = await createTestPlane({
      listDeliveries: () => Promise.resolve({ deliveries: [] }),
    });
  });
  after(() => plane.close());

  const ask = (token?: string): request.Test => {
    const call = request(plane.server).get('/v1/deliveries');
    return token === undefined ? call : call.set('Authorization', `Bearer ${token}`);
  };

  it('answers a token with a scope of the operation', async () => {
    const answer = await ask(await plane.token(['audit:read']));
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, { deliveries: [] });
  });

  it('refuses a call without a token and says how to ask', async () => {
    const answer = await ask();
    assert.equal(answer.status, 401);
    assert.equal(answer.body.code, 'auth.token-missing');
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer realm=/);
  });

  it('refuses an expired token', async () => {
    const answer = await ask(await plane.token(['audit:read'], {}, new Date(Date.now() - 600_000)));
    assert.equal(answer.status, 401);
    assert.equal(answer.body.code, 'auth.token-invalid');
  });

  it('refuses a token of a foreign issuer key', async () => {
    const answer = await ask(await plane.foreignToken(['audit:read']));
    assert.equal(answer.body.code, 'auth.token-invalid');
  });

  it('refuses a token for another audience or from another issuer name', async () => {
    for (const other of [{ audience: 'bank-b' }, { issuer: 'https://issuer.bank-b.example' }]) {
      const answer = await ask(await plane.token(['audit:read'], other));
      assert.equal(answer.status, 401);
      assert.equal(answer.body.code, 'auth.token-invalid');
    }
  });

  it('refuses a token without the scope and names the scopes that would do', async () => {
    const answer = await ask(await plane.token(['screen']));
    assert.equal(answer.status, 403);
    assert.equal(answer.body.code, 'auth.scope-missing');
    assert.deepEqual(answer.body.facts, { anyOf: ['audit:read', 'transfer:act', 'admin'] });
  });

  it('does not take one scope for another that begins the same', async () => {
    const answer = await ask(await plane.token(['audit:readall']));
    assert.equal(answer.body.code, 'auth.scope-missing');
  });

  it('refuses what is not a bearer token before decoding it', async () => {
    for (const header of ['Basic YTpi', 'Bearer', 'Bearer a b', `Bearer ${'a'.repeat(9000)}`]) {
      const answer = await request(plane.server).get('/v1/deliveries').set('Authorization', header);
      assert.equal(answer.status, 401, header.slice(0, 20));
      assert.equal(answer.body.code, 'auth.token-invalid');
    }
  });

  it('refuses alg none and a broken signature', async () => {
    const [, payload = ''] = (await plane.token(['audit:read'])).split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    assert.equal((await ask(`${none}.${payload}.`)).body.code, 'auth.token-invalid');
    const [header = '', , signature = ''] = (await plane.token(['audit:read'])).split('.');
    assert.equal((await ask(`${header}.${payload}.${signature}`)).body.code, 'auth.token-invalid');
  });

  it('slows down an address that guesses tokens', async () => {
    const strict = await createTestPlane({}, { refusedTokensPerMinute: 2 });
    try {
      const guess = (): request.Test =>
        request(strict.server).get('/v1/deliveries').set('Authorization', 'Bearer nonsense');
      assert.equal((await guess()).status, 401);
      assert.equal((await guess()).status, 401);
      const third = await guess();
      assert.equal(third.status, 429);
      assert.ok(Number(third.headers['retry-after']) > 0);
    } finally {
      await strict.close();
    }
  });

  it('limits the calls of one subject', async () => {
    const strict = await createTestPlane(
      { listDeliveries: () => Promise.resolve({ deliveries: [] }) },
      { requestsPerMinute: 1 },
    );
    try {
      const token = await strict.token(['audit:read']);
      const call = (): request.Test =>
        request(strict.server).get('/v1/deliveries').set('Authorization', `Bearer ${token}`);
      assert.equal((await call()).status, 200);
      assert.equal((await call()).body.code, 'exchange.rate-limited');
    } finally {
      await strict.close();
    }
  });
});
