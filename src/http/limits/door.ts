/** Who may hold a connection: in all, while shaking hands, by address and by member. What is too much is closed at once. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { AddressPace } from './address-pace.ts';

export interface DoorLimits {
  readonly maxConnections: number;
  /** Open connections of one address; on a TLS server only those whose handshake is under way. */
  readonly perAddress: number;
  /** Connections of all addresses whose handshake is under way. */
  readonly handshakes: number;
  /** New connections a second of one address; four times as many at once. */
  readonly newPerSecond: number;
}

export type DoorLimit = 'connections' | 'address' | 'handshakes' | 'new-connections' | 'member';

/** New connections that a handshake over its holder's cap counts for. */
const IN_VAIN = 20;

export interface DoorKeeper {
  /** Whose connection it is once the handshake is done, and how many it may have; undefined: not counted. */
  readonly holderOf?: (socket: TLSSocket) => { readonly key: string; readonly most: number } | undefined;
  readonly onTurnedAway?: (limit: DoorLimit, holder?: string) => void;
}

/**
 * Stands before everything that `server` does with a connection: no TLS state is made for one that is turned away.
 * `tls`: whether a handshake follows. Open connections are counted until they close.
 */
export function keepDoor(
  server: Server,
  limits: DoorLimits,
  { tls, ...keeper }: DoorKeeper & { readonly tls: boolean },
): void {
  server.maxConnections = limits.maxConnections;
  server.on('drop', () => keeper.onTurnedAway?.('connections'));
  const underWay = new Map<string, Socket>();
  const byAddress = new Counts();
  const pace = new AddressPace(limits.newPerSecond);
  const leave = (name: string, address: string): void => {
    if (underWay.delete(name)) byAddress.remove(address);
  };
  const refusalOf = (address: string): DoorLimit | undefined => {
    if (byAddress.of(address) >= limits.perAddress) return 'address';
    if (tls && underWay.size >= limits.handshakes) return 'handshakes';
    return pace.admits(address) ? undefined : 'new-connections';
  };

  stepBefore(server, (socket) => {
    const address = socket.remoteAddress ?? '';
    const refusal = refusalOf(address);
    if (refusal !== undefined) {
      keeper.onTurnedAway?.(refusal);
      return false;
    }
    const name = nameOf(socket);
    underWay.set(name, socket);
    byAddress.add(address);
    socket.once('close', () => leave(name, address));
    return true;
  });
  if (!tls) return;
  server.on('secureConnection', (socket: TLSSocket) => leave(nameOf(socket), socket.remoteAddress ?? ''));
  countHolders(server, keeper, (address) => pace.charge(address, IN_VAIN));
}

function countHolders(
  server: Server,
  { holderOf, onTurnedAway }: DoorKeeper,
  charge: (address: string) => void,
): void {
  const open = new Counts();
  server.on('secureConnection', (socket: TLSSocket) => {
    const holder = holderOf?.(socket);
    if (holder === undefined) return;
    if (open.of(holder.key) >= holder.most) {
      onTurnedAway?.('member', holder.key);
      charge(socket.remoteAddress ?? '');
      return void socket.destroy();
    }
    open.add(holder.key);
    socket.once('close', () => open.remove(holder.key));
  });
}

/** The server's own listener would wrap the socket in TLS first; so it is called only for sockets that are admitted. */
function stepBefore(server: Server, admits: (socket: Socket) => boolean): void {
  const own = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (!admits(socket)) return void socket.destroy();
    for (const listener of own) listener.call(server, socket);
  });
}

/** The TLS socket is another object than the one that was accepted; the other end's port is the same. */
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

class Counts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  remove(key: string): void {
    const left = this.of(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
