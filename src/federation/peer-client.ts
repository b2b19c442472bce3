/** Signed calls to other gateways (exchange profile 1), and their ledgers' plain paths. */
import { createHash, X509Certificate } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { seconds, type Clock } from '../core/clock.ts';
import { sha256 } from '../core/digest.ts';
import { newNonce, type GroupId, type MemberId } from '../core/ids.ts';
import type { EntryRef } from '../ledger/entry.ts';
import { contentDigestHeader, digestClaim } from '../wire/content-digest.ts';
import {
  signRequestToken,
  TOKEN_SECONDS,
  type RequestClaims,
  type ResponseClaims,
} from '../wire/exchange-token.ts';
import type { SigningKey } from '../wire/jws.ts';
import { checkAnswer } from './peers/peer-answer.ts';
import { outgoingFailure } from './peers/peer-failure.ts';
import { openPeerPool, type PeerPool } from './peers/peer-pool.ts';
import { readAnswerBody } from './peers/read-answer-body.ts';
import type { RegistryKeeper } from './registry-keeper.ts';

export interface PeerClientOptions {
  readonly registry: Pick<RegistryKeeper, 'current' | 'onChange'>;
  readonly member: MemberId;
  readonly sealKey: SigningKey;
  /** PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly clock: Clock;
  readonly allowPrivateNetworks: boolean;
}

export interface PeerCall {
  readonly to: MemberId;
  readonly path: '/x/v1/messages' | '/x/v1/status' | '/x/v1/parts' | '/x/v1/registry';
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
/** The largest entry bundle of c2sp.org/tlog-tiles: 256 × (2 + 65,535). */
const MAX_PLAIN_BYTES = 256 * 65_537;
const MEDIA_TYPE = 'application/json';

export class PeerClient {
  readonly #options: PeerClientOptions;
  readonly #pools = new Map<MemberId, PeerPool>();
  readonly #certificate: string;

  constructor(options: PeerClientOptions) {
    this.#options = options;
    const { raw } = new X509Certificate(options.tls.cert);
    this.#certificate = createHash('sha256').update(raw).digest('base64url');
    options.registry.onChange(() => this.#retirePools());
  }

  /**
   * Returns any answer whose signature and claims hold, a signed refusal too. Throws `exchange.target-refused`,
   * `exchange.peer-unreachable` (facts.sent: whether the peer may have seen it) or `exchange.response-invalid`.
   */
  async call(call: PeerCall): Promise<PeerAnswer> {
    const peer = this.#pool(call.to);
    const request = await this.#sign(call, peer.authority);
    const response = await this.#send(peer, {
      method: 'POST',
      path: call.path,
      headers: headersOf(call, request.token),
      body: call.body,
      signal: call.signal,
      into: call.into,
    });
    const { registry, clock } = this.#options;
    return checkAnswer(response, { request, peer, to: call.to, view: registry.current(), now: clock() });
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
    const { status, body } = await this.#send(this.#pool(to), { ...request, signal, maxBytes });
    return { status, body };
  }

  /** Waits for running calls. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.close()));
  }

  #pool(to: MemberId): PeerPool {
    const known = this.#pools.get(to);
    if (known !== undefined) return known;
    const opened = openPeerPool({ ...this.#options, to });
    this.#pools.set(to, opened);
    return opened;
  }

  /** New CAs, authorities and certificates count for new connections; running calls end on the old ones. */
  #retirePools(): void {
    this.close().catch(() => undefined);
  }

  async #sign(call: PeerCall, authority: string): Promise<SentRequest> {
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
      cnf: { 'x5t#S256': this.#certificate },
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

function offerOf(offer: EntryRef | null): RequestClaims['ofr'] {
  if (offer === null) return null;
  const { origin, index, leaf, size, root } = offer;
  if (size === undefined || root === undefined)
    throw new TypeError('an offer names the checkpoint that covers it');
  return { origin, index, leaf, size, root };
}
