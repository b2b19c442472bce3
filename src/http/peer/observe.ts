/** One request on the peer plane, told once when its answer is out: who, what, how it ended, how long. */
import { TLSSocket } from 'node:tls';
import type { MemberId } from '../../core/ids.ts';
import type { Arrival } from './exchange.ts';
import type { PeerPlane } from './peer-plane.ts';

/** What is learnt of a request on its way; only words that the registry or this program know. */
export interface Seen {
  /** Once its certificate is the registry's. */
  peer?: MemberId;
  kind: string;
  /** Of the refusal. */
  code?: string;
}

export interface AnsweredCall {
  readonly correlationId: string;
  /** A registered member; undefined for a stranger. */
  readonly peer: MemberId | undefined;
  /** Kind of the message, or the path's word: bounded, fit for a label. */
  readonly kind: string;
  /** `ok`, a code of the error table, or `aborted`. */
  readonly code: string;
  readonly status: number;
  readonly startedAt: Date;
  readonly seconds: number;
}

/** All of a refused request; it holds a token and maybe personal values, so it goes nowhere unless asked for. */
export interface RefusedCall {
  readonly correlationId: string;
  readonly code: string;
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly rawHeaders: readonly string[];
  /** Undefined when it was refused unread. */
  readonly body: Buffer | undefined;
  /** PEM. */
  readonly certificate: string | undefined;
}

export interface PeerEvents {
  /** Present only where refused requests are to be kept. */
  readonly refused?: (call: RefusedCall) => void;
  answered(call: AnsweredCall): void;
  handshakeFailed(why: string | undefined): void;
}

const PATHS: readonly (readonly [RegExp, string])[] = [
  [/^\/x\/v1\/(messages|status|parts)$/, '$1'],
  [/^\/ledger\/.*$/, 'ledger'],
  [/^\/witness\/.*$/, 'witness'],
];

/** Untrusted: any other path is `other`. */
export function kindOfPath(url = ''): string {
  const [path = ''] = url.split('?', 1);
  const known = PATHS.find(([pattern]) => pattern.test(path));
  return known === undefined ? 'other' : path.replace(known[0], known[1]);
}

/** The claim is signed but may name anything: a kind counts only if the registry lists its schema. */
export function kindOfSchema(claim: string, isListed: (id: string) => boolean): string | undefined {
  const [id = ''] = claim.split('#', 1);
  return isListed(id) ? /^urn:lianzheng:schema:([a-z-]+):/.exec(id)?.[1] : undefined;
}

export function refusedCall(arrival: Arrival, code: string, body: Buffer | undefined): RefusedCall {
  const { request, correlationId, at } = arrival;
  const { method = '', url = '', rawHeaders, socket } = request;
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  return {
    correlationId,
    code,
    at,
    method,
    path: url,
    rawHeaders,
    body,
    certificate: certificate?.toString(),
  };
}

export function observeArrival({ events }: PeerPlane, arrival: Arrival): void {
  if (events === undefined) return;
  const { response, seen, correlationId, at } = arrival;
  const started = performance.now();
  response.once('close', () => {
    events.answered({
      correlationId,
      startedAt: at,
      status: response.statusCode,
      peer: seen.peer,
      kind: seen.kind,
      code: response.writableFinished ? (seen.code ?? 'ok') : 'aborted',
      seconds: (performance.now() - started) / 1000,
    });
  });
}
