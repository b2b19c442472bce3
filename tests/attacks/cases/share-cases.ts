/** Members that take more than their share: most of it is refused, each refusal is accounted for, and others are served. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { sha256Hex } from '../../../src/core/digest.ts';
import { newId } from '../../../src/core/ids.ts';
import { defaultPeerLimits } from '../../../src/http/peer/limits.ts';
import type { PeerPlane } from '../../../src/http/peer/peer-plane.ts';
import { call, exchangeRaw, openSocket, prepare, type PeerWorld } from '../../http/peer/world.ts';
import { localRates } from '../../world/local-rates.ts';
import type { AttackCase, Outcome } from '../attack.ts';
import { small } from '../small-world.ts';

const CHECKPOINT = 'GET /ledger/checkpoint HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';

async function isServed(world: PeerWorld, port: number, as: 'a' | 'r'): Promise<boolean> {
  const socket = await openSocket(world, { port, ...world.identities[as] });
  return (await exchangeRaw(socket, CHECKPOINT)).includes(' 200 ');
}

/** Singly or summed up: as many as were refused (docs/decisions/0005). */
async function accounted({ gateway, refusals }: PeerWorld, code: string): Promise<number> {
  await refusals.flush();
  const entries = (await gateway.entries()).filter((entry) => entry.code === code);
  return entries.reduce((sum, { count = 1 }) => sum + count, 0);
}

interface Greed {
  readonly name: string;
  readonly status: number;
  readonly code: 'exchange.rate-limited' | 'exchange.overloaded';
  readonly plane: () => Partial<PeerPlane>;
  readonly requests: number;
  /** So many of them must be refused, whatever the machine's speed. */
  readonly atLeast: number;
}

const greedy = ({ name, status, code, plane, requests, atLeast }: Greed): AttackCase => ({
  name,
  threat: 'starvation',
  attack: async (): Promise<Outcome> => {
    const world = await small();
    const port = await world.serve(plane());
    const before = await accounted(world, code);
    const claims = { aud: 'bank-b' };
    const answers = await Promise.all(Array.from({ length: requests }, () => call(world, { port, claims })));
    const refused = answers.filter((answer) => answer.status !== 200);
    const codes = new Set(refused.map((answer) => answer.code));
    if (codes.size !== 1) return { status: -1, code: [...codes].join() };
    if (refused.length < atLeast) return { status: -2, code: `${refused.length} were refused` };
    const logged = (await accounted(world, code)) - before;
    if (logged !== refused.length) return { status: -3, code: `${logged} of ${refused.length} are logged` };
    if (!(await isServed(world, port, 'r'))) return { status: -4, code: 'another member is not served' };
    return { status: refused[0]!.status, code: refused[0]!.code };
  },
  expect: { status, code, entries: [] },
});

/** One in an hour: how fast the machine is does not matter. */
const HARDLY = { perSecond: 1 / 3600, burst: 1 };

const greed: readonly AttackCase[] = [
  greedy({
    name: 'fifty requests where one is allowed: the others are refused, and others are served',
    ...{ status: 429, code: 'exchange.rate-limited', requests: 50, atLeast: 49 },
    plane: () => ({
      limits: { rates: { ...defaultPeerLimits.rates, messages: HARDLY } },
      rates: localRates(),
    }),
  }),
  greedy({
    name: 'more at one time than a member may have',
    ...{ status: 503, code: 'exchange.overloaded', requests: 20, atLeast: 1 },
    plane: () => ({ limits: { memberConcurrency: 2, queuePerMember: 1 } }),
  }),
  greedy({
    name: 'announced bytes beyond what may be in flight',
    ...{ status: 503, code: 'exchange.overloaded', requests: 1, atLeast: 1 },
    plane: () => ({ limits: { bodyBytesInFlight: 100, queueWaitMs: 500 } }),
  }),
];

const LARGE = 32 << 20;
const PATIENCE_MS = 60_000;
/** Enough for others to be served meanwhile on a slow machine. */
const READER_MS = 10_000;

/** A part that no kernel buffers whole; `closed` tells when nobody holds it open any more. */
function largePart(): { parts: PeerPlane['parts']; closed: () => boolean } {
  const chunks = function* (): Generator<Buffer> {
    for (let n = 0; n < LARGE; n += 65_536) yield Buffer.alloc(65_536);
  };
  const stream = Readable.from(chunks(), { objectMode: false });
  const receipt = { origin: 'x', index: 0, leaf: '0'.repeat(64) };
  const body = { stream, length: LARGE, sha256: sha256Hex('any') };
  return { parts: { open: () => Promise.resolve({ body, receipt }) }, closed: () => stream.destroyed };
}

async function askForPart(world: PeerWorld, port: number): Promise<TLSSocket> {
  const wanted = Buffer.from(JSON.stringify({ transfer: newId(), sha256: '0'.repeat(64), n: 0 }));
  const { headers } = await prepare(world, { path: '/x/v1/parts', body: wanted });
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  const socket = await openSocket(world, { port });
  socket.pause();
  const answered = once(socket, 'readable');
  socket.write(`POST /x/v1/parts HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${wanted.toString()}`);
  await answered;
  return socket;
}

/** One place for the member: it is lent while the reader dawdles, and the reader is cut in the end. */
const slowReader: AttackCase = {
  name: 'a large part read at a byte a second: others are served, then the reader is cut',
  threat: 'slow-client',
  attack: async () => {
    const world = await small();
    const { parts, closed } = largePart();
    const met: string[] = [];
    const limits = { memberConcurrency: 1, queueWaitMs: 30_000, paceGraceMs: READER_MS };
    const port = await world.serve({ limits, parts, onLimit: (limit) => void met.push(limit) });
    const socket = await askForPart(world, port);
    const reading = setInterval(() => void socket.read(1), 1_000);
    try {
      // While it reads: those of its own member too, though it has the only place.
      const [own, other] = [await call(world, { port }), await isServed(world, port, 'r')];
      if (own.status !== 200 || !other) return { status: -1, code: `own ${own.status}, other ${other}` };
      if (closed()) return { status: -1, code: 'others were served after the reader, not beside it' };
      for (const end = Date.now() + PATIENCE_MS; !closed() && Date.now() < end;) await sleep(20);
      if (!closed()) return { status: -2, code: 'the part is still held open' };
      const after = await call(world, { port });
      return { status: met.join() === 'pace' && after.status === 200 ? 0 : -3 };
    } finally {
      clearInterval(reading);
      socket.destroy();
    }
  },
  expect: { status: 0, entries: [] },
};

export const shareCases: readonly AttackCase[] = [...greed, slowReader];
