import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { get } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { memberOperations, type ApiOperation } from '../../../src/http/api-operations.ts';
import type { FeaturePush } from '../../../src/http/member/services.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { sha256 } from '../../../src/core/digest.ts';
import { contractFile, createTestPlane, somePacketId, type TestPlane } from './plane.ts';

const report = { accepted: 0, duplicates: 0, refused: [], batches: 0, receipts: [] };
const everything = [
  'features:write',
  'screen',
  'evidence:write',
  'evidence:release',
  'transfer:act',
  'audit:read',
];

describe('member plane: the contract', () => {
  let plane: TestPlane;
  let token: string;
  const pushed: { push: FeaturePush; lines: string[] }[] = [];
  const bytes = Buffer.from('0123456789');

  before(async () => {
    plane = await createTestPlane({
      pushFeatures: async (push) => {
        const lines: string[] = [];
        for await (const line of push.lines) lines.push(line.toString());
        pushed.push({ push, lines });
        return { ...report, accepted: lines.length };
      },
      listFeatures: ({ limit }) => Promise.resolve({ features: [], next: String(limit) }),
      manifestOf: () => Promise.resolve(Buffer.from('<m/>')),
      bundle: () =>
        Promise.resolve({
          size: bytes.length,
          sha256: sha256(bytes).toString('hex'),
          open: (range) => Readable.from([bytes.subarray(range?.start ?? 0, (range?.end ?? 9) + 1)]),
        }),
      ledgerCheckpoint: () => Promise.resolve('origin\n0\n\n'),
      screen: () =>
        Promise.reject(new GatewayError('screening.invalid', 'subject 3', { facts: { subject: 3 } })),
    });
    token = await plane.token(everything);
  });
  after(() => plane.close());

  const post = (path: string): request.Test =>
    request(plane.server).post(path).set('Authorization', `Bearer ${token}`);
  const read = (path: string): request.Test =>
    request(plane.server).get(path).set('Authorization', `Bearer ${token}`);
  const pushPath = '/v1/groups/industry-fraud/features?purpose=fraud&basis=AML-7&basis=PIPL-13';

  it('serves every operation of openapi.yaml: none is a 404 of the router or a 405', async () => {
    for (const [id, row] of Object.entries<ApiOperation>(memberOperations)) {
      const path = row.path.replace(':group', 'g1').replace(':id', somePacketId()).replace(':index', '0');
      const answer = await request(plane.server)[row.method as 'get'](path);
      assert.equal(answer.status, row.anyScope.length === 0 ? 200 : 401, id);
    }
  });

  it('serves nothing that is not in openapi.yaml, the peer plane included', async () => {
    for (const path of [
      '/',
      '/v1',
      '/v1/grants',
      '/ledger/checkpoint',
      '/x/v1/messages',
      '/v1/health/',
      '/V1/health',
    ]) {
      const answer = await read(path);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.body.code, 'http.not-found');
    }
    const answer = await request(plane.server).delete('/v1/health');
    assert.equal(answer.body.code, 'http.method-not-allowed');
  });

  it('lists in the generated table exactly the operations of the file', () => {
    const ids = [...readFileSync(contractFile, 'utf8').matchAll(/operationId: (?!peer)(\w+)/g)].map(
      (m) => m[1],
    );
    assert.deepEqual(Object.keys(memberOperations).sort(), ids.sort());
  });

  it('answers health without a token, with a correlation id', async () => {
    const answer = await request(plane.server).get('/v1/health');
    assert.equal(answer.status, 200);
    assert.match(answer.headers['correlation-id'] ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(answer.headers['x-powered-by'], undefined);
    assert.ok(answer.headers['content-security-policy']);
  });

  it('says with 503 and reasons that the gateway is not ready', async () => {
    const reasons = [{ part: 'registry', code: 'registry.stale', message: 'No fresh statement' }];
    const sick = await createTestPlane({
      health: () => Promise.resolve({ status: 'not-ready', member: 'bank-a', reasons }),
    });
    try {
      const answer = await request(sick.server).get('/v1/health');
      assert.equal(answer.status, 503);
      assert.deepEqual(answer.body.reasons, reasons);
    } finally {
      await sick.close();
    }
  });

  it('measures calls', async () => {
    const answer = await request(plane.server).get('/metrics');
    assert.match(
      answer.text,
      /lianzheng_member_request_seconds_count\{operation="getHealth",status="200"\} [1-9]/,
    );
  });

  it('passes NDJSON lines on with group, purpose and every basis', async () => {
    const answer = await post(pushPath).type('application/x-ndjson').send('{"a":1}\r\n{"b":2}\n{"c":3}');
    assert.equal(answer.status, 200, answer.text);
    const { push, lines } = pushed.at(-1)!;
    assert.deepEqual(lines, ['{"a":1}', '{"b":2}', '{"c":3}']);
    assert.deepEqual(push.legalBasis, ['AML-7', 'PIPL-13']);
    assert.equal(push.group, 'industry-fraud');
    assert.equal(push.actor, 'clerk-1');
    assert.equal(push.atomic, false);
  });

  it('takes one legal basis as well as several', async () => {
    await post('/v1/groups/g1/features?purpose=fraud&basis=AML-7&atomic=true')
      .type('application/x-ndjson')
      .send('{}\n');
    assert.deepEqual(pushed.at(-1)?.push.legalBasis, ['AML-7']);
    assert.equal(pushed.at(-1)?.push.atomic, true);
  });

  it('turns a JSON push into the same lines', async () => {
    const answer = await post(pushPath).send({ features: [{ type: 'domain', value: 'a.example' }] });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(pushed.at(-1)?.lines, ['{"type":"domain","value":"a.example"}']);
  });

  it('refuses a line over 64 KiB with its number', async () => {
    const long = `{}\n${'x'.repeat(70_000)}\n`;
    const answer = await post(pushPath).type('application/x-ndjson').send(long);
    assert.equal(answer.body.code, 'request.invalid');
    assert.deepEqual(answer.body.facts, { line: 2 });
  });

  it('refuses a missing, unknown or malformed parameter', async () => {
    for (const path of [
      '/v1/groups/g1/features?basis=x',
      '/v1/groups/g1/features?purpose=p',
      '/v1/groups/UPPER/features?purpose=p&basis=x',
      `${pushPath}&atomik=true`,
      `${pushPath}&atomic=perhaps`,
    ]) {
      const answer = await post(path).type('application/x-ndjson').send('{}\n');
      assert.equal(answer.status, 400, path);
      assert.equal(answer.body.code, 'request.invalid', path);
    }
    for (const path of [
      '/v1/packets/not-a-uuid',
      '/v1/ledger/entries/-1',
      '/v1/packets?direction=up',
      '/v1/packets?limit=0',
    ]) {
      assert.equal((await read(path)).body.code, 'request.invalid', path);
    }
  });

  it('fills in the default of a parameter', async () => {
    assert.equal((await read('/v1/groups/g1/features')).body.next, '100');
    assert.equal((await read('/v1/groups/g1/features?limit=7')).body.next, '7');
  });

  it('refuses a body that breaks its schema and names where', async () => {
    const answer = await post('/v1/screenings').send({
      purpose: 'p',
      caseRef: 'c',
      subjects: [{ ref: 'a' }],
    });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.code, 'request.invalid');
    assert.match(answer.body.facts.differences[0].path, /subjects\/0\/features/);
  });

  it('refuses JSON that two readers could read differently', async () => {
    const answer = await post('/v1/screenings').type('json').send('{"purpose":"p","purpose":"q"}');
    assert.equal(answer.body.code, 'json.duplicate-key');
  });

  it('refuses other media types and codings', async () => {
    assert.equal(
      (await post('/v1/screenings').type('text/plain').send('{}')).body.code,
      'http.media-type-refused',
    );
    assert.equal((await post(pushPath).type('text/csv').send('a')).status, 415);
    const coded = await post('/v1/blobs')
      .set('Content-Encoding', 'gzip')
      .type('application/octet-stream')
      .send('x');
    assert.equal(coded.body.code, 'http.encoding-refused');
  });

  it('refuses a JSON body over its limit', async () => {
    const small = await createTestPlane({}, { jsonBytes: 100 });
    try {
      const answer = await request(small.server)
        .post('/v1/screenings')
        .set('Authorization', `Bearer ${await small.token(['screen'])}`)
        .send({ purpose: 'p'.repeat(200) });
      assert.equal(answer.status, 413);
      assert.equal(answer.body.code, 'http.body-too-large');
    } finally {
      await small.close();
    }
  });

  it('passes a refusal of a capability on as it is, and hides what is inside a failure', async () => {
    const subjects = [{ ref: 'a', features: [{ type: 'domain', value: 'x' }] }];
    const refused = await post('/v1/screenings').send({ purpose: 'p', caseRef: 'c', subjects });
    assert.equal(refused.status, 422);
    assert.deepEqual(refused.body.facts, { subject: 3 });
    const failed = await read('/v1/deliveries');
    assert.equal(failed.status, 500);
    assert.deepEqual(Object.keys(failed.body).sort(), ['code', 'correlationId', 'status', 'title', 'type']);
    assert.ok(plane.log.some((line) => 'error' in line));
  });

  it('stores an uploaded file and refuses one that differs from its digest', async () => {
    const file = Buffer.alloc(300_000, 7);
    const digest = `sha-256=:${sha256(file).toString('base64')}:`;
    const put = (body: Buffer): request.Test =>
      post('/v1/blobs').type('application/octet-stream').set('Content-Digest', digest).send(body);
    const stored = await put(file);
    assert.equal(stored.status, 201, stored.text);
    assert.equal(stored.body.size, file.length);
    assert.equal((await put(Buffer.alloc(300_000, 8))).body.code, 'blob.digest-mismatch');
  });

  for (const [name, path, type] of [
    ['JSON', '/v1/screenings', 'application/json'],
    ['lines', '/v1/features?group=g&purpose=p&legalBasis=PIPL-13', 'application/x-ndjson'],
    ['a file', '/v1/blobs', 'application/octet-stream'],
  ] as const) {
    it(`takes a hang-up in the middle of ${name} for the caller's, no failure of its own`, async () => {
      const own = await createTestPlane({
        pushFeatures: async ({ lines }) => {
          for await (const line of lines) assert.ok(line.length >= 0);
          return report;
        },
      });
      try {
        own.server.listen(0, '127.0.0.1');
        await once(own.server, 'listening');
        const socket = connect((own.server.address() as AddressInfo).port, '127.0.0.1');
        const reached = once(own.server, 'request');
        const head = [
          `POST ${path} HTTP/1.1`,
          'Host: localhost',
          `Content-Type: ${type}`,
          'Content-Length: 1000',
        ];
        const bearer = `Authorization: Bearer ${await own.token(everything)}`;
        socket.write([...head, bearer, '', '{"half":'].join('\r\n'));
        await reached;
        socket.destroy();
        const told = (): object | undefined => own.log.find((line) => 'operation' in line);
        for (let tries = 0; told() === undefined && tries < 500; tries += 1) await sleep(20);
        assert.ok(told(), 'the call is in the log');
        assert.deepEqual(
          own.log.filter((line) => 'error' in line),
          [],
        );
        const left = async (): Promise<string[]> => {
          const found = await readdir(own.blobDirectory, { recursive: true, withFileTypes: true });
          return found.filter((entry) => entry.isFile()).map(({ name: file }) => file);
        };
        for (let tries = 0; (await left()).length > 0 && tries < 500; tries += 1) await sleep(20);
        assert.deepEqual(await left(), [], 'nothing is left of the upload');
      } finally {
        await own.close();
      }
    });
  }

  it('answers 507 when the blob store is at its quota, and the client gets the answer', async () => {
    const answer = await post('/v1/blobs')
      .type('application/octet-stream')
      .send(Buffer.alloc(9 << 20));
    assert.equal(answer.status, 507);
    assert.equal(answer.body.code, 'blob.quota');
  });

  it('streams a bundle, whole and from where a download broke', async () => {
    const path = `/v1/packets/${somePacketId()}/bundle`;
    const whole = await read(path).responseType('arraybuffer');
    assert.equal(whole.status, 200);
    assert.deepEqual(whole.body, bytes);
    assert.equal(whole.headers['repr-digest'], `sha-256=:${sha256(bytes).toString('base64')}:`);
    const rest = await read(path).set('Range', 'bytes=4-').responseType('arraybuffer');
    assert.equal(rest.status, 206);
    assert.equal(rest.headers['content-range'], 'bytes 4-9/10');
    assert.equal(String(rest.body), '456789');
    assert.equal((await read(path).set('Range', 'bytes=10-')).status, 400);
  });

  it('cuts the connection rather than ending a broken stream as if it were whole', async () => {
    const broken = await createTestPlane({
      bundle: () =>
        Promise.resolve({
          size: 10,
          sha256: '00'.repeat(32),
          open: () =>
            Readable.from(
              (function* () {
                yield Buffer.from('123');
                throw new Error('disk');
              })(),
            ),
        }),
    });
    try {
      const authorization = `Bearer ${await broken.token(['transfer:act'])}`;
      await once(broken.server.listen(0, '127.0.0.1'), 'listening');
      const { port } = broken.server.address() as AddressInfo;
      const outcome = await new Promise((resolve) => {
        const call = get(
          { port, path: `/v1/packets/${somePacketId()}/bundle`, headers: { authorization }, agent: false },
          (answer) =>
            answer
              .resume()
              .on('end', () => resolve('whole'))
              .on('error', () => resolve('cut')),
        );
        call.on('error', () => resolve('cut'));
      });
      assert.equal(outcome, 'cut');
    } finally {
      await broken.close();
    }
  });

  it('logs calls without tokens, query strings or bodies', () => {
    const text = JSON.stringify(plane.log);
    assert.match(text, /"operation":"pushFeatures"/);
    assert.match(text, /"subject":"clerk-1"/);
    assert.doesNotMatch(text, /AML-7|Bearer|a\.example/);
  });
});
