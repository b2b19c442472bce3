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
  /** Before the next is written. */
  readonly waitMs?: number;
}

export interface Manner {
  /** Silence after which nothing more is expected. */
  readonly silentMs?: number;
  /** Hang up after the last word, without reading. */
  readonly hangUp?: boolean;
  readonly tls?: ConnectionOptions;
  /** Enough when this has come. */
  readonly until?: RegExp;
}

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
  for (const { bytes, waitMs = 0 } of said) {
    if (!socket.destroyed) socket.write(bytes);
    await sleep(waitMs);
  }
  if (manner.hangUp === true) {
    socket.destroy();
    return { statuses: [], text, ended: false };
  }
  last = Date.now();
  while (!ended && manner.until?.test(text) !== true && Date.now() - last < (manner.silentMs ?? 250))
    await sleep(10);
  socket.destroy();
  return {
    statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
    text,
    ended,
  };
}
