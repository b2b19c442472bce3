/** A TCP proxy on one address whose wires have weather: one weather for each caller. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAIR, type Direction, type Weather } from './weather.ts';

export interface ProxyOptions {
  readonly target: { readonly host: string; readonly port: number };
  /** Default: a free port. */
  readonly port?: number;
  /** Who calls, by the port it calls from. Default: everybody is `''`. */
  readonly callerOf?: (port: number) => string;
}

interface Wire {
  readonly caller: string;
  readonly ends: readonly [Socket, Socket];
}

const LOOK_MS = 20;

export class TcpProxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #wires = new Set<Wire>();
  readonly #weather = new Map<string, Weather>();
  #closed = false;

  private constructor(options: ProxyOptions) {
    this.#options = options;
    // A caller that is refused learns it by a reset, not by a handshake that ends.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#join(client));
  }

  static async open(options: ProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    proxy.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Also of connections that are open. */
  set(weather: Weather, caller = ''): void {
    this.#weather.set(caller, weather);
  }

  heal(): void {
    this.#weather.clear();
  }

  /** Resets the open connections, of one caller or of all. */
  cut(caller?: string): void {
    for (const wire of this.#wires) if (caller === undefined || wire.caller === caller) this.#reset(wire);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #join(client: Socket): void {
    client.on('error', () => undefined);
    const caller = this.#options.callerOf?.(client.remotePort ?? 0) ?? '';
    const weather = (): Weather => this.#weather.get(caller) ?? FAIR;
    const { refuses, detour } = weather();
    if (refuses === true) return void client.resetAndDestroy();
    const { host, port } = this.#options.target;
    const upstream = connect({ host, port: detour ?? port, allowHalfOpen: true, noDelay: true });
    const wire: Wire = { caller, ends: [client, upstream] };
    this.#wires.add(wire);
    upstream.on('error', () => this.#reset(wire));
    client.on('error', () => this.#reset(wire));
    for (const end of wire.ends) end.on('close', () => this.#wires.delete(wire));
    const pass = (from: Socket, to: Socket, direction: Direction): void => {
      this.#pass({ from, to, direction, weather }).catch(() => this.#reset(wire));
    };
    pass(client, upstream, 'there');
    pass(upstream, client, 'back');
  }

  async #pass({ from, to, direction, weather }: Passage): Promise<void> {
    let passed = 0;
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length;) {
        while (weather().silent?.includes(direction) === true) await this.#wait(LOOK_MS);
        const { latencyMs, bytesPerSecond, slice = chunk.length, cutAfter, cutWhen } = weather();
        const piece = chunk.subarray(at, at + slice);
        if (latencyMs !== undefined) await this.#wait(latencyMs);
        if (bytesPerSecond !== undefined) await this.#wait((piece.length * 1000) / bytesPerSecond);
        if (cutWhen?.(piece, direction) === true) throw new Error('cut');
        const left = cutAfter?.direction === direction ? cutAfter.bytes - passed : Infinity;
        await write(to, piece.subarray(0, Math.max(0, left)));
        passed += piece.length;
        at += piece.length;
        if (piece.length >= left) throw new Error('cut');
      }
    }
    to.end();
  }

  async #wait(milliseconds: number): Promise<void> {
    await sleep(milliseconds);
    if (this.#closed) throw new Error('the proxy is closed');
  }

  #reset(wire: Wire): void {
    this.#wires.delete(wire);
    for (const end of wire.ends) end.resetAndDestroy();
  }
}

interface Passage {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: Direction;
  readonly weather: () => Weather;
}

async function write(to: Socket, bytes: Buffer): Promise<void> {
  if (bytes.length === 0) return;
  await new Promise<void>((resolve, reject) =>
    to.write(bytes, (error) => (error ? reject(error) : resolve())),
  );
}
