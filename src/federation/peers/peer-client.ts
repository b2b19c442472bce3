/** Signed calls to other gateways (exchange profile 1), and their ledgers' plain paths. */
import type { Dispatcher } from 'undici';
import { seconds, type Clock } from '../../core/clock.ts';
import { sha256 } from '../../core/digest.ts';
import { newNonce, type GroupId, type MemberId } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import { contentDigestHeader, digestClaim } from '../../wire/content-digest.ts';
import {
  signRequestToken,
  TOKEN_SECONDS,
  type RequestClaims,
  type ResponseClaims,
} from '../../wire/exchange-token.ts';
import type { SigningKey } from '../../wire/jws.ts';
import type { Resolve } from './address-policy.ts';
import { checkAnswer } from './peer-answer.ts';
import { outgoingFailure } from './peer-failure.ts';
import { PeerConnections } from './peer-connections.ts';
import type { ClientIdentity, PeerPool } from './peer-pool.ts';
import { readAnswerBody } from './read-answer-body.ts';
import { RunningCalls } from './running-calls.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';

export interface PeerClientOptions {
  readonly registry: Pick<RegistryKeeper, 'current' | 'onChange'>;
  readonly member: MemberId;
  readonly sealKey: SigningKey;
  readonly tls: ClientIdentity;
  readonly clock: Clock;
  readonly allowPrivateNetworks: boolean;
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

export interface PeerCall {
  readonly to: MemberId;
  readonly path: '/x/v1/messages' | '/x/v1/status' | '/x/v1/parts' | '/x/v1/feed' | '/x/v1/registry';
  /** `-` where the call concerns no group. */
  readonly group: GroupId;
  readonly purpose: string;
  /** UUIDv7, the same for every retry. */
  readonly mid: string;
  readonly body: Buffer;
  /** `<schema id>#<sha256>` or `-`. */
  readonly schema: string;
  /** Our ledger entry that offers this; with size and root. */
  readonly offer: EntryRef | null;
  readonly signal?: AbortSignal;
  /** Takes the answer's body, which is then a view of it: large answers in a row need no new memory. */
  readonly into?: Buffer;
}

export interface PeerAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly token: string;
  readonly claims: ResponseClaims;
  readonly replayed: boolean;
  readonly receipt: EntryRef | null;
}

/** What was sent, for the answer to be held against. */
export interface SentRequest {
  readonly claims: RequestClaims;
  readonly token: string;
}

/** Of an answer that no token vouches for. */
export interface PlainLimits {
  readonly signal?: AbortSignal;
  /** Default: more than any tile has. */
  readonly maxBytes?: number;
}

const PLAIN_MS = 60_000;
/** For an answer in all, however steadily it trickles. A part may have 64 MiB. */
const CALL_MS = 120_000;
const PART_MS = 600_000;
/** The largest entry bundle of c2sp.org/tlog-tiles: 256 × (2 + 65,535). */
const MAX_PLAIN_BYTES = 256 * 65_537;
const MEDIA_TYPE = 'application/json';

export class PeerClient {
  readonly #options: PeerClientOptions;
  readonly #connections: PeerConnections;
  readonly #running: RunningCalls;

  constructor(options: PeerClientOptions) {
    this.#options = options;
    this.#connections = new PeerConnections(options);
    this.#running = new RunningCalls(options.member);
    options.registry.onChange((view) => this.#running.judge(view));
  }

  /**
   * Returns any answer whose signature and claims hold, a signed refusal too. Throws `exchange.target-refused`,
   * `exchange.peer-unreachable` (facts.sent: whether the peer may have seen it), `exchange.response-invalid`, or
   * `grant.refused` where the group does not have both of us, be it that this ended while the call was under way.
   */
  async call(call: PeerCall): Promise<PeerAnswer> {
    const { peer, release } = this.#connections.lease(call.to);
    try {
      return await this.#callOver(peer, call);
    } finally {
      release();
    }
  }

  async #callOver(peer: PeerPool, call: PeerCall): Promise<PeerAnswer> {
    const { registry } = this.#options;
    const running = this.#running.start({ ...call, limitMs: limitOf(call) }, registry.current());
    try {
      const request = await this.#sign(call, peer);
      const response = await this.#send(peer, {
        method: 'POST',
        path: call.path,
        headers: headersOf(call, request.token),
        body: call.body,
        signal: running.signal,
        into: call.into,
      });
      const now = this.#options.clock();
      return await checkAnswer(response, { request, peer, to: call.to, view: registry.current(), now });
    } finally {
      running.end();
    }
  }

  /** The token that `call` would send, for a request that the peer fetches instead of being sent it. */
  async tokenFor(call: PeerCall): Promise<string> {
    const { peer, release } = this.#connections.lease(call.to);
    try {
      return (await this.#sign(call, peer)).token;
    } finally {
      release();
    }
  }

  /**
   * Ledger and witness paths: registered mutual TLS, no token, the statuses of their own specifications. A peer that
   * trickles or floods its answer is cut off: by the signal or after a minute, and at `limits.maxBytes`.
   */
  async get(to: MemberId, path: string, limits: PlainLimits = {}): Promise<{ status: number; body: Buffer }> {
    return this.#plain(to, { method: 'GET', path }, limits);
  }

  /** Like `get`, with a body. */
  async post(
    to: MemberId,
    path: string,
    { body, ...limits }: PlainLimits & { readonly body: Buffer },
  ): Promise<{ status: number; body: Buffer }> {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    return this.#plain(to, { method: 'POST', path, headers, body }, limits);
  }

  async #plain(
    to: MemberId,
    request: Outgoing,
    { signal = AbortSignal.timeout(PLAIN_MS), maxBytes = MAX_PLAIN_BYTES }: PlainLimits,
  ): Promise<{ status: number; body: Buffer }> {
    const { peer, release } = this.#connections.lease(to);
    try {
      const { status, body } = await this.#send(peer, { ...request, signal, maxBytes });
      return { status, body };
    } finally {
      release();
    }
  }

  /** Waits for running calls. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  async #sign(call: PeerCall, { authority, certificate }: PeerPool): Promise<SentRequest> {
    const { member, sealKey, clock, registry } = this.#options;
    const iat = seconds(clock());
    const claims: RequestClaims = {
      iss: member,
      aud: call.to,
      grp: call.group,
      pur: call.purpose,
      iat,
      nbf: iat,
      exp: iat + TOKEN_SECONDS,
      jti: newNonce(),
      mid: call.mid,
      htm: 'POST',
      htu: `https://${authority}${call.path}`,
      cty: MEDIA_TYPE,
      cdg: digestClaim(sha256(call.body)),
      len: call.body.length,
      cnf: { 'x5t#S256': certificate },
      sch: call.schema,
      reg: registry.current().serial,
      ofr: offerOf(call.offer),
    };
    return { claims, token: await signRequestToken(claims, sealKey) };
  }

  async #send(peer: PeerPool, { into, maxBytes, ...request }: Outgoing): Promise<PeerResponse> {
    try {
      const { statusCode, headers, body } = await peer.pool.request({
        ...request,
        signal: request.signal ?? null,
      });
      return { status: statusCode, headers, body: await readAnswerBody(body, into, maxBytes) };
    } catch (error) {
      throw outgoingFailure(error, peer.authority);
    }
  }
}

interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal?: AbortSignal | undefined;
  readonly into?: Buffer | undefined;
  readonly maxBytes?: number;
}

export interface PeerResponse {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Buffer;
}

function headersOf(call: PeerCall, token: string): Readonly<Record<string, string>> {
  return {
    'content-type': MEDIA_TYPE,
    'content-digest': contentDigestHeader(sha256(call.body)),
    'exchange-token': token,
    'exchange-id': call.mid,
  };
}

function limitOf({ path }: PeerCall): number {
  return path === '/x/v1/parts' ? PART_MS : CALL_MS;
}

function offerOf(offer: EntryRef | null): RequestClaims['ofr'] {
  if (offer === null) return null;
  const { origin, index, leaf, size, root } = offer;
  if (size === undefined || root === undefined)
    throw new TypeError('an offer names the checkpoint that covers it');
  return { origin, index, leaf, size, root };
}
