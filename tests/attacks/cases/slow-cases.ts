/** Clients that hold sockets, and members that take more than their share: a second peer plane with short limits. */
import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  call,
  exchangeRaw,
  openPeerWorld,
  openSocket,
  prepare,
  type PeerWorld,
} from '../../http/peer/world.ts';
import { localRates } from '../../world/local-rates.ts';
import { defaultPeerLimits } from '../../../src/http/peer/limits.ts';
import type { AttackCase, Outcome } from '../attack.ts';
import type { Threat } from '../threats.ts';

let opened: Promise<PeerWorld> | undefined;
const small = (): Promise<PeerWorld> => (opened ??= openPeerWorld());
export async function closeSlowWorld(): Promise<void> {
  await (await opened)?.close();
}

const LIMITS = { headersTimeoutMs: 400, requestTimeoutMs: 800, keepAliveTimeoutMs: 300, maxConnections: 8 };
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

type Slow = (world: PeerWorld, port: number) => Promise<Outcome>;

const slow = (name: string, status: number, attack: Slow, threat: Threat = 'slow-client'): AttackCase => {
  waiting.set(name, attack);
  return { name, threat, attack: () => begun(name, attack), expect: { status, entries: [] } };
};

const waiting = new Map<string, Slow>();
const running = new Map<string, Promise<Outcome>>();

/** They wait rather than work: the first that is asked for begins them all, each at a server of its own. */
async function begun(name: string, attack: Slow): Promise<Outcome> {
  const world = await small();
  for (const [other, start] of waiting)
    running.set(
      other,
      world.serve({ limits: LIMITS }).then((port) => start(world, port)),
    );
  waiting.clear();
  return running.get(name) ?? attack(world, await world.serve({ limits: LIMITS }));
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
  slow('more connections than are allowed: the surplus is cut', 0, async (world, port) => {
    const sockets = await Promise.all(
      Array.from({ length: LIMITS.maxConnections }, () => openSocket(world, { port })),
    );
    try {
      return await held(connectPlain(port, '127.0.0.1'), () => undefined);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  }),
  slow(
    'plain HTTP on the TLS port',
    0,
    async (_world, port) =>
      held(
        connectPlain(port, '127.0.0.1'),
        (socket) => void socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
      ),
    'downgrade',
  ),
  {
    name: 'fifty requests where one a second is allowed: most are refused, and others are served',
    threat: 'starvation',
    attack: async () => {
      const world = await small();
      const rates = {
        ...defaultPeerLimits.rates,
        status: { perSecond: 1, burst: 1 },
        messages: { perSecond: 1, burst: 1 },
      };
      const port = await world.serve({ limits: { rates }, rates: localRates() });
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => call(world, { port, claims: { aud: 'bank-b' } })),
      );
      const limited = answers.filter(({ code }) => code === 'exchange.rate-limited').length;
      const socket = await openSocket(world, { port, ...world.identities.r });
      const other = await exchangeRaw(
        socket,
        'GET /ledger/checkpoint HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      );
      const seen = `${limited} limited, then ${other.slice(0, 12)}`;
      const fair = limited >= 10 && other.includes(' 200 ');
      return fair ? { status: 429, code: 'exchange.rate-limited' } : { status: -1, code: seen };
    },
    expect: { status: 429, code: 'exchange.rate-limited', entries: [] },
  },
  {
    name: 'more at one time than a member may have',
    threat: 'starvation',
    attack: async () => {
      const world = await small();
      const port = await world.serve({ limits: { memberConcurrency: 2, queuePerMember: 1 } });
      const answers = await Promise.all(Array.from({ length: 20 }, () => call(world, { port })));
      const codes = new Set(answers.filter(({ status }) => status !== 200).map(({ code }) => code));
      return { status: codes.size === 1 ? 503 : -1, code: [...codes].join() };
    },
    expect: { status: 503, code: 'exchange.overloaded', entries: [] },
  },
  {
    name: 'announced bytes beyond what may be in flight',
    threat: 'starvation',
    attack: async () => {
      const world = await small();
      const port = await world.serve({ limits: { bodyBytesInFlight: 100 } });
      const { status, code } = await call(world, { port });
      return { status, code };
    },
    expect: { status: 503, code: 'exchange.overloaded', entries: [] },
  },
];
