/** A process that keeps many slow sockets open on a gateway: idle handshakes, slow headers, bodies and readers. */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect } from 'node:tls';
import type { SignedMessage } from '../signed-messages.ts';
import type { Identity } from './setting.ts';

export interface SlowOrder {
  readonly host: string;
  readonly port: number;
  readonly identity: Identity;
  readonly sockets: number;
  readonly messages: readonly SignedMessage[];
}

type Kind = 'idle' | 'headers' | 'body' | 'reader';
const KINDS: readonly Kind[] = ['idle', 'headers', 'body', 'reader'];
/** Who is turned away comes again, at this pace. */
const AGAIN_MS = 4000;
const TRICKLE_MS = 1000;
/** Another address than the honest members'. */
const LOCAL_ADDRESS = '127.0.0.2';

process.once('message', (order: SlowOrder) => {
  for (let n = 0; n < order.sockets; n += 1) {
    setTimeout(() => keep(order, KINDS[n % KINDS.length] as Kind), (AGAIN_MS * n) / order.sockets);
  }
});
process.once('SIGTERM', () => process.exit(0));

function keep(order: SlowOrder, kind: Kind): void {
  const socket = open(order, kind);
  let trickle: NodeJS.Timeout | undefined;
  const begin = (): void => {
    const { first, then } = textOf(order, kind);
    socket.write(first);
    trickle = setInterval(() => socket.write(then), TRICKLE_MS);
    if (kind === 'reader') socket.pause();
    else socket.resume();
  };
  if (kind === 'idle') socket.resume();
  else socket.once('secureConnect', begin);
  socket.on('error', () => undefined);
  socket.once('close', () => {
    clearInterval(trickle);
    setTimeout(() => keep(order, kind), AGAIN_MS);
  });
}

function open({ host, port, identity }: SlowOrder, kind: Kind): Socket {
  const target = { host, port, localAddress: LOCAL_ADDRESS };
  if (kind === 'idle') return connectPlain(target);
  return connect({ ...target, ...identity, servername: 'localhost' } as never);
}

/** What is sent at once, and what trickles. */
function textOf({ messages }: SlowOrder, kind: Kind): { readonly first: string; readonly then: string } {
  const get = 'GET /ledger/checkpoint HTTP/1.1\r\nhost: localhost\r\n';
  // A reader that reads nothing asks again and again.
  if (kind === 'reader') return { first: `${get}\r\n`, then: `${get}\r\n` };
  if (kind === 'headers') return { first: get, then: 'x: y\r\n' };
  const { headers } = messages[0] as SignedMessage;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return { first: `POST /x/v1/messages HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}\r\n`, then: '{' };
}
