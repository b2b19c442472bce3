import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { checkpointText } from '../../../src/ledger/notes/checkpoint.ts';
import { createWitnessKey, readWitnessKey } from '../../../src/ledger/notes/cosignature.ts';
import { signNote } from '../../../src/ledger/notes/note.ts';
import { writeAddCheckpoint } from '../../../src/ledger/witness/add-checkpoint.ts';
import { createWitness } from '../../../src/ledger/witness/witness.ts';
import { sha256Hex } from '../../../src/core/digest.ts';
import { ledgerKey } from '../../ledger/drafts.ts';
import { openPeerWorld, type PeerWorld } from './world.ts';

const ORIGIN = 'log.example/a';

describe('tlog-witness on the wire', () => {
  const key = ledgerKey(ORIGIN);
  let world: PeerWorld;
  let port: number;
  before(async function () {
    this.timeout(60_000);
    world = await openPeerWorld();
    const witness = createWitness({
      database: world.gateway.world.database,
      key: readWitnessKey(createWitnessKey('witness.example/b').privateKey),
      clock: () => new Date(),
      vkeysOf: (origin) => (origin === ORIGIN ? [key.vkey] : undefined),
      onFork: () => Promise.resolve(),
    });
    port = await world.serve({ witness });
  });
  after(() => world.close());

  const size5 = signNote(checkpointText({ origin: ORIGIN, size: 5, root: Buffer.alloc(32, 1) }), key);
  const body = writeAddCheckpoint({ old: 0, proof: [], checkpoint: size5 });
  const ask = (
    text: string | undefined,
    options: {
      readonly method?: string;
      readonly path?: string;
      readonly headers?: Record<string, string>;
    } = {},
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: string; invited: boolean }> =>
    new Promise((resolve, reject) => {
      const { key: clientKey, cert } = world.identities.a;
      const { method = 'POST', path = '/witness/add-checkpoint', headers = {} } = options;
      let invited = false;
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          servername: 'localhost',
          ca: world.ca.certPem,
          key: clientKey,
          cert,
          method,
          path,
          headers,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
              invited,
            }),
          );
        },
      );
      request.on('error', reject);
      request.on('continue', () => {
        invited = true;
        request.end(text);
      });
      request.flushHeaders();
      if (headers['expect'] === undefined) request.end(text);
    });
  const length = (text: string) => ({ 'content-length': String(Buffer.byteLength(text)) });

  it('takes a body with its length, in chunks, and after an invitation', async () => {
    const first = await ask(body, { headers: length(body) });
    assert.deepEqual([first.status, first.headers['content-type']], [200, 'text/plain; charset=utf-8']);
    assert.match(first.body, /^— witness\.example\/b [A-Za-z0-9+/=]+\n$/);
    const inChunks = await ask(body, { headers: { 'transfer-encoding': 'chunked' } });
    assert.deepEqual(
      [inChunks.status, inChunks.headers['content-type'], inChunks.body],
      [409, 'text/x.tlog.size', '5\n'],
    );
    const invited = await ask(body, { headers: { ...length(body), expect: '100-continue' } });
    assert.deepEqual([invited.status, invited.invited], [409, true]);
  });

  it('serves its latest note to GET and HEAD', async () => {
    const path = `/witness/${sha256Hex(ORIGIN)}/checkpoint`;
    const got = await ask(undefined, { method: 'GET', path });
    assert.deepEqual([got.status, got.headers['content-type']], [200, 'text/plain; charset=utf-8']);
    assert.ok(got.body.startsWith(size5));
    const head = await ask(undefined, { method: 'HEAD', path });
    assert.deepEqual(
      [head.status, head.headers['content-length'], head.body],
      [200, got.headers['content-length'], ''],
    );
    const unknown = await ask(undefined, { method: 'GET', path: `/witness/${sha256Hex('x')}/checkpoint` });
    assert.equal(unknown.status, 404);
    assert.equal((await ask(undefined, { method: 'GET' })).status, 405);
  });

  it('refuses carriage returns, trailing bytes, broken UTF-8 and more than it reads', async () => {
    for (const bad of [
      body.replaceAll('\n', '\r\n'),
      `${body}x`,
      `${body}\n`,
      body.slice(0, -1),
      `\ufeff${body}`,
      '',
      'old 5',
    ]) {
      assert.equal((await ask(bad, { headers: length(bad) })).status, 400, JSON.stringify(bad.slice(0, 20)));
    }
    const huge = `${body}${'x'.repeat(70_000)}`;
    assert.equal((await ask(huge, { headers: length(huge) })).status, 413);
    assert.equal((await ask(huge, { headers: { 'transfer-encoding': 'chunked' } })).status, 413);
    assert.equal((await ask(body, { headers: length(body) })).status, 409, 'and goes on');
  });
});
