import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PeerPlane } from '../../../src/http/peer/peer-plane.ts';
import { call, openPeerWorld, openSocket, prepare, type PeerWorld } from './world.ts';

/** Long before the pace would judge the body. */
const PATIENCE_MS = 30_000;
const LIMITS = { paceGraceMs: 120_000, memberConcurrency: 1, queuePerMember: 1, queueWaitMs: 60_000 };

const REFUSED = { kind: 'exchange.refused', code: 'http.body-truncated', peer: 'bank-a' };

describe('a caller that hangs up', function () {
  this.timeout(90_000);
  let world: PeerWorld;
  before(async () => {
    world = await openPeerWorld();
  });
  after(() => world.close());

  /** Asking for the member's rate takes until the caller is gone, as it may on a loaded machine. */
  async function serveSlowly(bodyBytesInFlight: number) {
    let asked = 0;
    let letGo = (): void => undefined;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    const rates: PeerPlane['rates'] = {
      take: async (...one) => {
        asked += 1;
        if (asked === 1) await gone;
        return world.plane.rates.take(...one);
      },
      close: () => undefined,
    };
    const closed: unknown[] = [];
    const events: PeerPlane['events'] = {
      answered: ({ code }) => void closed.push(code),
      handshakeFailed: () => undefined,
    };
    const limits = { ...LIMITS, bodyBytesInFlight };
    const port = await world.serve({ limits, rates, events });
    return { port, closed, asked: () => asked, letGo: () => letGo() };
  }

  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); await sleep(10))
      assert.ok(Date.now() < deadline, `${what}: not within ${PATIENCE_MS} ms`);
  }

  /** The refusal of this message, once there is one. */
  async function refusalOf(mid: string): Promise<object> {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(10)) {
      const found = (await world.gateway.entries()).find((entry) => entry.mid === mid);
      if (found !== undefined) return { kind: found.kind, code: found.code, peer: found.peer };
    }
    throw new Error(`no entry of message ${mid} within ${PATIENCE_MS} ms`);
  }

  for (const [amount, keep] of [
    ['half of its body', 0.5],
    ['nothing of its body', 0],
    ['all of its body', 1],
  ] as const) {
    it(`before its body is read, with ${amount} sent: is logged, and gives back what it held`, async () => {
      const { headers, body, claims } = await prepare(world);
      const server = await serveSlowly(body.length);
      const socket = await openSocket(world, { port: server.port });
      const lines = Object.entries({ host: 'localhost', ...headers }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      socket.write(`POST /x/v1/messages HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      socket.write(body.subarray(0, Math.floor(body.length * keep)));
      await until('the rate is asked for', () => server.asked() === 1);
      await sleep(100);
      socket.destroy();
      await until('the server sees the end', () => server.closed.includes('aborted'));
      server.letGo();
      assert.deepEqual(await refusalOf(claims.mid), REFUSED);
      const next = await call(world, { port: server.port });
      assert.equal(next.status, 200, `the next message: ${next.body.toString()}`);
    });
  }
});
