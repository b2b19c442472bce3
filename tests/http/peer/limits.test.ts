import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { sha256Hex } from '../../../src/core/digest.ts';
import type { PeerLimits } from '../../../src/http/peer/limits.ts';
import {
  call,
  exchangeRaw,
  openPeerWorld,
  prepare,
  type Call,
  type IdentityName,
  type PeerWorld,
} from './world.ts';

const FAST_PACE = { minBytesPerSecond: 4096, paceGraceMs: 500 };
const CHECKPOINT = 'GET /ledger/checkpoint HTTP/1.1\r\nhost: localhost\r\n\r\n';

describe('peer plane limits', () => {
  let world: PeerWorld;
  const sockets: Socket[] = [];
  before(async function () {
    this.timeout(60_000);
    world = await openPeerWorld();
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  after(() => world.close());

  /** A server with these limits, and what they met. */
  async function serve(limits: Partial<PeerLimits>, other: object = {}) {
    const met: string[] = [];
    const onLimit = (limit: string, member?: string): void =>
      void met.push(`${limit} ${member ?? ''}`.trim());
    return { port: await world.serve({ limits, onLimit, ...other }), met };
  }
  /** Resolves to undefined when the server turns the connection away. */
  async function shakeHands(port: number, as: IdentityName = 'a'): Promise<TLSSocket | undefined> {
    const { key, cert } = world.identities[as];
    const ca = world.ca.certPem;
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca, key, cert });
    sockets.push(socket);
    const closed = once(socket, 'close').catch(() => undefined);
    socket.on('error', () => undefined);
    await Promise.race([once(socket, 'secureConnect').catch(() => undefined), closed]);
    // TLS 1.3: the client is done before the server has looked at its certificate.
    await Promise.race([closed, sleep(150)]);
    return socket.destroyed ? undefined : socket;
  }
  async function reachOut(port: number): Promise<Socket> {
    const socket = connectPlain(port, '127.0.0.1').resume();
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }
  async function head(one: Call = {}): Promise<{ text: string; body: Buffer }> {
    const { headers, body, path } = await prepare(world, one);
    const lines = Object.entries({ host: 'localhost', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    return { text: [`POST ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'), body };
  }

  it('cuts a body that trickles, with a signed refusal that is logged under the caller', async () => {
    const { port } = await serve(FAST_PACE);
    const { text, body } = await head();
    const socket = await shakeHands(port);
    assert.ok(socket !== undefined);
    const before = (await world.gateway.entries()).length;
    const trickle = setInterval(() => socket.write(body.subarray(0, 1)), 100);
    const answer = await exchangeRaw(socket, text).finally(() => clearInterval(trickle));
    assert.match(answer, /^HTTP\/1\.1 408 [\s\S]*exchange-token: [\s\S]*http\.body-too-slow/i);
    assert.match(answer, /connection: close/i);
    assert.equal((await world.gateway.entries()).length, before + 1);
  });

  it('holds no place for a body that takes its time', async () => {
    const { port } = await serve({ concurrency: 2, memberConcurrency: 1, queueWaitMs: 3000 });
    const { text } = await head();
    const slow = await shakeHands(port);
    slow?.write(text);
    await sleep(100);
    const begun = Date.now();
    assert.equal((await call(world, { port })).status, 200);
    assert.ok(Date.now() - begun < 2000, 'the slow body held the only place of its member');
  });

  it('cuts a reader that does not take a part, and closes what the part was read from', async () => {
    const length = 32 << 20;
    const stream = Readable.from(
      (function* () {
        for (let n = 0; n < length; n += 65_536) yield Buffer.alloc(65_536);
      })(),
      { objectMode: false },
    );
    const receipt = { origin: 'x', index: 0, leaf: '0'.repeat(64) };
    const body = { stream, length, sha256: sha256Hex('any') };
    const { port, met } = await serve(FAST_PACE, {
      parts: { open: () => Promise.resolve({ body, receipt }) },
    });
    const wanted = Buffer.from(JSON.stringify({ transfer: newTransfer, sha256: '0'.repeat(64), n: 0 }));
    const { text } = await head({ path: '/x/v1/parts', body: wanted });
    const socket = await shakeHands(port);
    socket?.pause();
    socket?.write(text + wanted.toString());
    const begun = Date.now();
    while (!stream.destroyed && Date.now() - begun < 10_000) await sleep(50);
    assert.ok(stream.destroyed, 'the part is still open');
    assert.deepEqual(met, ['pace']);
  });

  it('closes connections of a member over its cap, and none of others', async () => {
    const { port, met } = await serve({ memberConnections: 2, unlistedConnections: 1 });
    for (const expected of [true, true, false])
      assert.equal((await shakeHands(port)) !== undefined, expected);
    assert.ok((await shakeHands(port, 'r')) !== undefined, 'another member is turned away');
    assert.ok((await shakeHands(port, 'unlisted')) !== undefined, 'no place for the first unlisted one');
    assert.equal(await shakeHands(port, 'unlisted'), undefined);
    assert.deepEqual(met, ['connection.member bank-a', 'connection.member']);
    sockets.shift()?.destroy();
    await sleep(50);
    assert.ok((await shakeHands(port)) !== undefined, 'a place that came free is not given again');
  });

  it('closes handshakes over the cap of their address at once, and gives places back', async () => {
    const { port, met } = await serve({ handshakesPerAddress: 3, handshakeTimeoutMs: 1500 });
    const idle = [await reachOut(port), await reachOut(port), await reachOut(port)];
    await sleep(50);
    const begun = Date.now();
    assert.equal(await shakeHands(port), undefined);
    assert.ok(Date.now() - begun < 1000, 'it was not closed at once');
    assert.deepEqual(met, ['connection.address']);
    await Promise.all(idle.map((socket) => once(socket, 'close')));
    assert.ok((await shakeHands(port)) !== undefined, 'places of handshakes that ended are not free');
    for (let n = 0; n < 5; n += 1) assert.ok((await shakeHands(port)) !== undefined, 'finished ones count');
  });

  it('slows an address down that opens connections one after the other', async () => {
    const { port, met } = await serve({ newConnectionsPerSecond: 1 });
    const opened = await Promise.all(Array.from({ length: 8 }, () => shakeHands(port)));
    assert.ok(opened.filter((socket) => socket !== undefined).length <= 5, 'all were let in');
    assert.ok(met.every((limit) => limit === 'connection.new-connections') && met.length >= 3, met.join());
  });

  it('closes a connection that sends no request, and one with a request that has no end', async () => {
    const { port } = await serve({ headersTimeoutMs: 700, requestTimeoutMs: 1500, keepAliveTimeoutMs: 700 });
    const silent = await shakeHands(port);
    const header = await shakeHands(port);
    header?.write('GET /ledger/checkpoint HTTP/1.1\r\nhost: local');
    const begun = Date.now();
    await Promise.all([silent, header].map(async (socket) => socket && once(socket.resume(), 'close')));
    assert.ok(Date.now() - begun < 5000, `closed after ${Date.now() - begun} ms`);
  });

  it('ends a connection after as many requests as it may carry', async () => {
    const { port } = await serve({ requestsPerConnection: 2 });
    const socket = await shakeHands(port);
    assert.ok(socket !== undefined);
    assert.doesNotMatch(await exchangeRaw(socket, CHECKPOINT, '\n\n'), /connection: close/i);
    assert.match(await exchangeRaw(socket, CHECKPOINT, '\n\n'), /connection: close/i);
    assert.match(await exchangeRaw(socket, CHECKPOINT, '\r\n\r\n'), / 503 /);
  });

  it('charges requests that are refused as well, and each class by itself', async () => {
    const rate = { perSecond: 0.1, burst: 3 };
    const limits = { memberRates: { 'bank-a': { status: rate } } };
    const { port, met } = await serve(limits);
    const broken = { port, path: '/x/v1/status', token: 'a.b.c' };
    const codes: (string | undefined)[] = [];
    for (let n = 0; n < 4; n += 1) codes.push((await call(world, broken)).code);
    assert.deepEqual(codes.at(-1), 'exchange.rate-limited', codes.join(' '));
    assert.deepEqual(met, ['rate bank-a']);
    assert.equal((await call(world, { port })).status, 200);
  });

  it('ends the connection of a certificate that the registry does not list', async () => {
    const socket = await shakeHands(world.port, 'unlisted');
    assert.ok(socket !== undefined);
    const answer = await exchangeRaw(socket, CHECKPOINT);
    assert.match(answer, /tls\.certificate-unregistered/);
    assert.match(answer, /connection: close/i);
  });
});

const newTransfer = '01890000-0000-7000-8000-000000000000';
