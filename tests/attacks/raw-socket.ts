/** A conversation on one TLS connection, written by hand: all that comes back until the server ends it or falls silent. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { WireWorld } from '../exchange/wire-world.ts';

export interface Conversation {
  /** Status of each answer, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
  /** The server ended it. */
  readonly ended: boolean;
}

export interface Said {
  readonly bytes: string | Buffer;
  /** What has come back before the next is written. */
  readonly until?: RegExp;
}

export interface Manner {
  /** Silence after which nothing more is expected, once what is expected has come. */
  readonly silentMs?: number;
  /** Hang up after the last word, without reading. */
  readonly hangUp?: boolean;
  readonly tls?: ConnectionOptions;
  /** What is waited for, unless the server ends the connection before: by default the head of one answer. */
  readonly until?: RegExp;
}

/** A slow machine may take its time; a server that never answers is found out all the same. */
const ANSWER_MS = 20_000;
const SILENT_MS = 250;

export async function openAs(world: WireWorld, tls: ConnectionOptions = {}): Promise<TLSSocket> {
  const { host, port } = world.receiver.config.peer;
  const { cert, key } = world.identities.sender;
  const socket = connect({ host, port, ca: world.ca, servername: 'localhost', cert, key, ...tls });
  await once(socket, 'secureConnect');
  return socket;
}

export async function converse(
  world: WireWorld,
  said: readonly Said[],
  manner: Manner = {},
): Promise<Conversation> {
  const socket = await openAs(world, manner.tls);
  let text = '';
  let ended = false;
  let last = Date.now();
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    last = Date.now();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => (ended = true));
  const came = async (what: RegExp): Promise<void> => {
    for (const end = Date.now() + ANSWER_MS; !ended && !what.test(text) && Date.now() < end;) await sleep(10);
  };
  for (const { bytes, until } of said) {
    if (!socket.destroyed) socket.write(bytes);
    await (until === undefined ? sleep(0) : came(until));
  }
  if (manner.hangUp === true) {
    // What was said is on its way: only what had not left this process would be lost with the socket.
    while (socket.writableLength > 0 && !ended) await sleep(5);
    socket.destroy();
    return { statuses: [], text, ended: false };
  }
  await came(manner.until ?? /HTTP\/1\.1 \d{3} /);
  last = Date.now();
  while (!ended && Date.now() - last < (manner.silentMs ?? SILENT_MS)) await sleep(10);
  socket.destroy();
  return {
    statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
    text,
    ended,
  };
}
