import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { seconds } from '../../src/core/clock.ts';
import type { RegistryMember } from '../../src/federation/registry/registry-types.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { forge } from './forge.ts';
import { membersWith, publisherOf, until, type Publisher } from './registries.ts';
import { bytesOf } from './send.ts';
import { adjustableClock, wireBetween, type WireWorld } from './wire-world.ts';

const SOCKETS = 50;
/** design/promises.md, P6. */
const PROMISED_MS = 61_000;

/** The regulator has the operators' directory; the insurer has none and hears of a revocation from the regulator only. */
describe('revocation, over sockets that are open', function () {
  this.timeout(150_000);
  let alliance: TestAlliance;
  let publisher: Publisher;
  let directory = '';
  let world: WireWorld;
  before(async () => {
    alliance = await openTestAlliance({
      members: ['bank-a', 'insurer-b', 'regulator-r'],
      // Once the first registry is in the database there is no directory; the intervals are those of a gateway in service.
      configure: (config) => {
        const away = directory !== '' && config.member !== 'regulator-r';
        return away ? { ...config, registry: { ...config.registry, dir: `${directory}-away` } } : config;
      },
    });
    publisher = publisherOf(alliance.founded);
    directory = join(alliance.directory, 'alliance', 'registry');
    for (const member of ['bank-a', 'insurer-b']) {
      await alliance.stop(member);
      await alliance.start(member);
    }
    world = await wireBetween({
      sender: alliance.gateway('bank-a'),
      receiver: alliance.gateway('insurer-b'),
      ca: alliance.founded.ca,
      time: adjustableClock(),
    });
    await until('the insurer is fresh', () => isFresh(alliance.gateway('insurer-b')));
  });
  after(async () => {
    await world.close();
    await alliance.close();
  });

  const request = 'GET /ledger/checkpoint HTTP/1.1\r\nhost: localhost\r\n\r\n';
  async function openSocket(): Promise<TLSSocket> {
    const { host, port } = world.receiver.config.peer;
    const { cert, key } = world.identities.sender;
    const socket = connect({ host, port, cert, key, ca: world.ca, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    socket.on('error', () => undefined);
    return socket;
  }

  interface Watched {
    readonly socket: TLSSocket;
    lastOk: number;
    closed: number;
  }
  /** Asks again and again on one connection, for as long as it is open. */
  async function keepAsking(): Promise<Watched> {
    const watched: Watched = { socket: await openSocket(), lastOk: 0, closed: 0 };
    const { socket } = watched;
    socket.on('data', (bytes: Buffer) => {
      if (bytes.toString('latin1').includes('HTTP/1.1 200')) watched.lastOk = Date.now();
      setTimeout(() => socket.writable && socket.write(request), 100);
    });
    socket.once('close', () => (watched.closed = Date.now()));
    socket.write(request);
    return watched;
  }

  /** A message whose body comes byte by byte. */
  async function upload(): Promise<Watched & { readonly mid: string }> {
    const forged = await forge(world);
    const bytes = bytesOf(forged);
    const watched = { socket: await openSocket(), lastOk: 0, closed: 0, mid: forged.mid };
    watched.socket.once('close', () => (watched.closed = Date.now()));
    watched.socket.resume().write(bytes.subarray(0, bytes.length - 300));
    void (async () => {
      for (let at = bytes.length - 300; at < bytes.length && watched.closed === 0; at++) {
        watched.socket.write(bytes.subarray(at, at + 1));
        await sleep(80);
      }
    })();
    return watched;
  }

  async function accepted(mid: string): Promise<boolean> {
    const found = await world.receiver.database.query('SELECT 1 FROM inbox WHERE mid = $1', [mid]);
    return found.rows.length > 0;
  }

  async function bank(change: (member: RegistryMember) => Partial<RegistryMember>): Promise<number> {
    return publisher.publish(membersWith(publisher, 'bank-a', change), directory);
  }

  it('a certificate that reaches its end while a socket is open takes the socket with it', async () => {
    const socket = await keepAsking();
    const exp = seconds(new Date()) + 8;
    await bank(({ gateways }) => ({
      gateways: gateways.map((one) => ({ ...one, certs: one.certs.map((cert) => ({ ...cert, exp })) })),
    }));
    await until('the insurer has it', () => world.receiver.registry.current().serial === 2);
    // Where no hint came through, the registry comes with a round, and may find the certificate ended.
    const end = Math.max(exp * 1000, Date.now());
    const uploading = await upload();
    await until('closed', () => socket.closed > 0 && uploading.closed > 0);
    assert.ok(socket.lastOk < end + 5000, `served ${socket.lastOk - end} ms after the end`);
    assert.ok(socket.closed < end + 6000, `closed ${socket.closed - end} ms late`);
    assert.equal(await accepted(uploading.mid), false);
    const { gateways } = publisher.chain[0]!.body.members.find(({ id }) => id === 'bank-a')!;
    await bank(() => ({ gateways }));
    await until('the insurer has it', () => world.receiver.registry.current().serial === 3);
  });

  it(`nothing of a suspended member is served ${PROMISED_MS / 1000} s after the publication: ${SOCKETS} sockets, an upload`, async () => {
    const sockets = await Promise.all(Array.from({ length: SOCKETS }, keepAsking));
    await until('all are served', () => sockets.every(({ lastOk }) => lastOk > 0));
    const uploading = await upload();
    const published = await bank(() => ({ status: 'suspended' }));
    await until('all closed', () => [...sockets, uploading].every(({ closed }) => closed > 0), PROMISED_MS);
    const last = Math.max(...sockets.map(({ lastOk }) => lastOk)) - published;
    const closed = Math.max(...[...sockets, uploading].map((one) => one.closed)) - published;
    console.log(`      last answer ${last} ms, last socket closed ${closed} ms after publication`);
    assert.ok(last <= PROMISED_MS, `${last} ms`);
    assert.ok(closed <= PROMISED_MS, `${closed} ms`);
    assert.equal(await accepted(uploading.mid), false);
    const refused = await openSocket();
    refused.write(request);
    const [answer] = (await once(refused, 'data')) as [Buffer];
    assert.match(answer.toString('latin1'), /^HTTP\/1\.1 403 .*tls\.member-suspended/s);
    refused.destroy();
  });

  it('an upload whose seal key is found compromised meanwhile is not accepted', async () => {
    await bank(() => ({ status: 'active' }));
    await until(
      'the insurer has it',
      () => world.receiver.registry.current().member('bank-a')?.status === 'active',
    );
    const uploading = await upload();
    const { keys } = publisher.chain[0]!.body.members.find(({ id }) => id === 'bank-a')!;
    const revoked = { at: new Date().toISOString(), reason: 'compromised' as const };
    await bank(() => ({ keys: keys.map((key) => ({ ...key, revoked })) }));
    await until('closed', () => uploading.closed > 0, 60_000);
    assert.equal(await accepted(uploading.mid), false);
  });
});

function isFresh({ registry, evidence }: Gateway): boolean {
  try {
    registry.assertFresh(evidence.clock());
    return true;
  } catch {
    return false;
  }
}
