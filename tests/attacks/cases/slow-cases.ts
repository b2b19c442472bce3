/** Clients that hold sockets: a second peer plane with short limits. */
import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSocket, prepare, type PeerWorld } from '../../http/peer/world.ts';
import type { AttackCase, Outcome } from '../attack.ts';
import type { PeerLimits } from '../../../src/http/peer/limits.ts';
import { small } from '../small-world.ts';
import type { Threat } from '../threats.ts';
import { shareCases } from './share-cases.ts';

const LIMITS = { headersTimeoutMs: 400, requestTimeoutMs: 800, keepAliveTimeoutMs: 300, maxConnections: 8 };
const HOUR_MS = 3_600_000;
/** The cap on connections alone can cut one. */
const NO_OTHER = {
  ...{ handshakeTimeoutMs: HOUR_MS, headersTimeoutMs: HOUR_MS, requestTimeoutMs: HOUR_MS },
  maxConnections: LIMITS.maxConnections,
};
/** The connection must be gone well before a patient client would give up; Node looks once a second. */
const PATIENCE_MS = 30_000;

/** The status of the answer when the server ends the connection in time, −1 when it does not. */
async function held(socket: Socket, drip: (socket: Socket) => Promise<void> | void): Promise<Outcome> {
  let text = '';
  let ended = false;
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.on('close', () => (ended = true));
  const dripping = Promise.resolve(drip(socket));
  for (const deadline = Date.now() + PATIENCE_MS; !ended && Date.now() < deadline;) await sleep(20);
  socket.destroy();
  await dripping;
  return { status: ended ? Number(/HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0) : -1 };
}
async function letterByLetter(socket: Socket, text: string, everyMs: number): Promise<void> {
  for (const letter of text.split('')) {
    if (socket.destroyed || socket.closed) return;
    socket.write(letter);
    await sleep(everyMs);
  }
}

async function headOf(world: PeerWorld): Promise<{ head: string; body: string }> {
  const { headers, body } = await prepare(world);
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return { head: `POST /x/v1/messages HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, body: body.toString() };
}

interface Slow {
  readonly limits: Partial<PeerLimits>;
  readonly attack: (world: PeerWorld, port: number) => Promise<Outcome>;
}

const slow = (
  name: string,
  status: number,
  attack: Slow['attack'],
  {
    threat = 'slow-client',
    limits = LIMITS,
  }: { readonly threat?: Threat; readonly limits?: Slow['limits'] } = {},
): AttackCase => {
  waiting.set(name, { limits, attack });
  return { name, threat, attack: () => begun(name), expect: { status, entries: [] } };
};

const waiting = new Map<string, Slow>();
const running = new Map<string, Promise<Outcome>>();

/** They wait rather than work: the first that is asked for begins them all, each at a server of its own. */
async function begun(name: string): Promise<Outcome> {
  const world = await small();
  for (const [other, { limits, attack }] of waiting) {
    const outcome = world.serve({ limits }).then((port) => attack(world, port));
    // Whoever asks for it learns of a failure; until then it is nobody's.
    outcome.catch(() => undefined);
    running.set(other, outcome);
  }
  waiting.clear();
  return running.get(name)!;
}

export const slowCases: readonly AttackCase[] = [
  slow('a handshake that never begins', 0, (_world, port) =>
    held(connectPlain(port, '127.0.0.1'), () => undefined),
  ),
  slow('a handshake of a letter a second', 0, (_world, port) =>
    held(connectPlain(port, '127.0.0.1'), (socket) =>
      letterByLetter(socket, '\u0016\u0003\u0001\u0002', 1000),
    ),
  ),
  slow('a connection without a request', 408, async (world, port) =>
    held(await openSocket(world, { port }), () => undefined),
  ),
  slow('a head of a letter at a time', 408, async (world, port) =>
    held(await openSocket(world, { port }), async (socket) =>
      letterByLetter(socket, (await headOf(world)).head, 50),
    ),
  ),
  slow('a head without an end', 408, async (world, port) =>
    held(
      await openSocket(world, { port }),
      (socket) => void socket.write('POST /x/v1/messages HTTP/1.1\r\n'),
    ),
  ),
  slow('a body of a letter at a time', 408, async (world, port) =>
    held(await openSocket(world, { port }), async (socket) => {
      const { head, body } = await headOf(world);
      socket.write(head);
      await letterByLetter(socket, body, 100);
    }),
  ),
  slow('a body that never comes', 408, async (world, port) =>
    held(await openSocket(world, { port }), async (socket) => void socket.write((await headOf(world)).head)),
  ),
  slow('a kept connection that says nothing more', 200, async (world, port) =>
    held(
      await openSocket(world, { port }),
      (socket) => void socket.write('GET /ledger/checkpoint HTTP/1.1\r\nhost: localhost\r\n\r\n'),
    ),
  ),
  slow(
    'more connections than are allowed: the surplus is cut',
    0,
    async (world, port) => {
      const sockets = await Promise.all(
        Array.from({ length: LIMITS.maxConnections }, () => openSocket(world, { port })),
      );
      try {
        return await held(connectPlain(port, '127.0.0.1'), () => undefined);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    },
    { limits: NO_OTHER },
  ),
  slow(
    'plain HTTP on the TLS port',
    0,
    async (_world, port) =>
      held(
        connectPlain(port, '127.0.0.1'),
        (socket) => void socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
      ),
    { threat: 'downgrade' },
  ),
  ...shareCases,
];
