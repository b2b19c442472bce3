import assert from 'node:assert/strict';
import express, { type ErrorRequestHandler, type Express } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import request from 'supertest';
import { newId } from '../../src/core/ids.ts';
import { peerOperations } from '../../src/http/api-operations.ts';
import { contractFile } from './member/plane.ts';
import { call, get, noteBody, openPeerWorld, prepare, type PeerWorld } from './peer/world.ts';

const bodies: Readonly<Record<string, Buffer | undefined>> = {
  '/x/v1/messages': undefined,
  '/x/v1/status': Buffer.from(JSON.stringify({ ids: [newId()] })),
  '/x/v1/feed': Buffer.from(JSON.stringify({ group: 'group-industry', cursor: null, limit: 1 })),
  '/x/v1/registry': Buffer.from(
    JSON.stringify({ from: 1, limit: 4, held: { serial: 1, sha256: '0'.repeat(64) } }),
  ),
  '/x/v1/parts': Buffer.from(JSON.stringify({ transfer: newId(), sha256: '0'.repeat(64), n: 0 })),
};

/** Answered 404 in this world: it has no such tile, message or witness. */
const ELSEWHERE = new Set([
  'peerLedgerTile',
  'peerLedgerMessage',
  'peerAddCheckpoint',
  'peerWitnessedCheckpoint',
]);

/** The peer plane has its own order of checks; what it really answered is replayed past the contract. */
describe('peer plane: the contract', () => {
  let world: PeerWorld;
  before(async function () {
    this.timeout(60_000);
    world = await openPeerWorld();
  });
  after(() => world.close());

  it('serves every operation of openapi.yaml', async () => {
    for (const [id, { path, method }] of Object.entries(peerOperations)) {
      const real = path
        .replace(':path', '0/000.p/1')
        .replace(':mid', newId())
        .replace(':origin', 'ab'.repeat(32));
      if (method === 'post') await call(world);
      const body = method === 'post' ? (bodies[real] ?? (await noteBody(world))) : undefined;
      const answer = body === undefined ? await get(world, real) : await call(world, { path: real, body });
      assert.notEqual(answer.status, 405, id);
      if (!ELSEWHERE.has(id)) assert.equal(answer.status, 200, `${id}: ${answer.body.toString()}`);
    }
  });

  it('serves nothing that is not in openapi.yaml', async () => {
    for (const path of ['/', '/x/v1', '/x/v1/messages/', '/v1/health', '/metrics', '/ledger/']) {
      assert.equal((await get(world, path)).status, 404, path);
    }
  });

  for (const path of Object.keys(bodies)) {
    it(`answers ${path} as openapi.yaml says, and asks for no more than it says`, async () => {
      const body = bodies[path] ?? (await noteBody(world));
      const prepared = await prepare(world, { path, body });
      const answer = await call(world, { path, body });
      assert.equal(answer.status, 200);
      const replayed = await request(replay(answer)).post(path).set(prepared.headers).send(body.toString());
      assert.equal(replayed.status, 200, replayed.text);
    });
  }

  it('refuses, signed or not, with the problem that openapi.yaml describes', async () => {
    const refusals = [
      await call(world, { claims: { aud: 'bank-c' } }),
      await call(world, { path: '/x/v1/status', body: Buffer.from('{"ids":[]}') }),
      await call(world, { headers: { 'exchange-id': undefined } }),
    ];
    for (const answer of refusals) {
      assert.ok(answer.status >= 400);
      const prepared = await prepare(world);
      const replayed = await request(replay(answer))
        .post('/x/v1/messages')
        .set(prepared.headers)
        .send(prepared.body.toString());
      assert.equal(replayed.body.code, answer.code, replayed.text);
    }
  });
});

/** Answers with what the peer plane answered; the validator turns any difference from the contract into a 500. */
function replay(answer: Awaited<ReturnType<typeof call>>): Express {
  const app = express();
  app.use(express.json());
  app.use(
    OpenApiValidator.middleware({
      apiSpec: contractFile,
      validateApiSpec: false,
      validateSecurity: false,
      validateResponses: true,
      fileUploader: false,
    }),
  );
  app.use((_request, response) => {
    const type = String(answer.headers['content-type']);
    response.status(answer.status).setHeader('Content-Type', type);
    if (type.endsWith('json')) response.json(JSON.parse(answer.body.toString()));
    else response.end(answer.body);
  });
  const differs: ErrorRequestHandler = (error: Error & { errors?: unknown }, _request, response, next) => {
    response.status(500).json({ message: error.message, errors: error.errors });
    next();
  };
  app.use(differs);
  return app;
}
