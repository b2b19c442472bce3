/** Somebody on the wire with the TLS keys of both ends, and no seal key: answers a request with the signed answer to another. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultWorld } from './fault-world.ts';
import type { Member } from './found-world.ts';

export interface Swap {
  /** Of the message that was answered. */
  readonly asked: string;
  /** Of the message that the answer is about. */
  readonly answered: string;
}

interface Held {
  readonly mid: string;
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

export interface SwapperEnds {
  readonly from: Member;
  readonly to: Member;
  /** Whose answers are swapped; everything else passes as it is. */
  readonly path: string;
}

/** How long an answer waits for one to change places with, before an older one is given. */
const PARTNER_MS = 500;

export class AnswerSwapper {
  readonly swaps: Swap[] = [];
  readonly #world: FaultWorld;
  readonly #ends: SwapperEnds;
  readonly #server: Server;
  /** The latest answer; `partner` while its own request still waits. */
  #held: { readonly answer: Held; partner?: (other: Held) => void } | undefined;

  private constructor(world: FaultWorld, ends: SwapperEnds) {
    this.#world = world;
    this.#ends = ends;
    const ca = world.alliance.ca.certPem;
    const options = { ...identityOf(world, ends.to), ca, requestCert: true, minVersion: 'TLSv1.3' } as const;
    this.#server = createServer(options, (asked, answer) => {
      this.#pass(asked, answer).catch(() => answer.destroy());
    });
  }

  static async open(world: FaultWorld, ends: SwapperEnds): Promise<AnswerSwapper> {
    const swapper = new AnswerSwapper(world, ends);
    await new Promise<void>((resolve) => swapper.#server.listen(0, '127.0.0.1', resolve));
    return swapper;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const own = await this.#forward(asked);
    const isSwapped = asked.url === this.#ends.path && own.status === 200;
    const given = isSwapped ? await this.#exchange(own) : own;
    // The first answer has none to change places with: it is lost.
    if (given === undefined) return void answer.destroy();
    answer.writeHead(given.status, [...given.headers]).end(given.body);
  }

  async #exchange(own: Held): Promise<Held | undefined> {
    const other = await this.#partnerOf(own);
    if (other !== undefined) this.swaps.push({ asked: own.mid, answered: other.mid });
    return other;
  }

  async #partnerOf(own: Held): Promise<Held | undefined> {
    const earlier = this.#held;
    if (earlier?.partner !== undefined && earlier.answer.mid !== own.mid) {
      this.#held = { answer: own };
      earlier.partner(own);
      return earlier.answer;
    }
    const held: { readonly answer: Held; partner?: (other: Held) => void } = { answer: own };
    const partner = new Promise<Held>((resolve) => (held.partner = resolve));
    this.#held = held;
    const found = await Promise.race([partner, sleep(PARTNER_MS)]);
    delete held.partner;
    const old = earlier?.answer;
    return found ?? (old?.mid === own.mid ? undefined : old);
  }

  async #forward(asked: IncomingMessage): Promise<Held> {
    const { from, to } = this.#ends;
    const { host, port } = this.#world.place(to).config.peer;
    const { method, url: path, rawHeaders } = asked;
    const ca = this.#world.alliance.ca.certPem;
    const body = await buffer(asked);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { host, port, method, path, headers: rawHeaders, ca, agent: false as const };
      request({ ...options, ...identityOf(this.#world, from) }, resolve)
        .on('error', reject)
        .end(body);
    });
    return {
      mid: midOf(asked),
      status: response.statusCode ?? 0,
      headers: response.rawHeaders,
      body: await buffer(response),
    };
  }
}

function identityOf(world: FaultWorld, member: Member): { readonly cert: Buffer; readonly key: Buffer } {
  const { tlsCert, tlsKey } = world.place(member).config.keys;
  return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
}

/** As the request's token says; '' where there is none. */
function midOf({ headers }: IncomingMessage): string {
  const [, claims = ''] = String(headers['exchange-token'] ?? '').split('.');
  const text = Buffer.from(claims, 'base64url').toString('utf8');
  return text === '' ? '' : String((JSON.parse(text) as { mid?: unknown }).mid);
}
