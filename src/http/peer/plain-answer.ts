/** Answers of the C2SP interfaces: their own statuses and bodies, unsigned, over registered mutual TLS. */
import type { Caller } from './checks/caller.ts';
import { checkCaller } from './checks/caller.ts';
import type { Arrival, PeerContext } from './exchange.ts';
import { cut } from './answer.ts';
import type { Place } from './fair-queue.ts';
import type { RequestClass } from './limits.ts';
import { refuseUnsigned } from './refuse.ts';

export interface PlainAnswer {
  readonly status: number;
  readonly bytes: Buffer;
  readonly mediaType?: string;
  readonly cacheControl?: string;
}

export const NOT_FOUND: PlainAnswer = { status: 404, bytes: Buffer.alloc(0) };

export interface PlainCall {
  readonly kind: RequestClass;
  /** Bytes of the body that the request announces; default none. */
  readonly length?: number;
  readonly answer: (caller: Caller, place: Place) => Promise<PlainAnswer>;
}

export async function handlePlain(
  { plane, admission, pace }: PeerContext,
  arrival: Arrival,
  { kind, length = 0, answer }: PlainCall,
): Promise<void> {
  const { request, response } = arrival;
  let place: Place | undefined;
  try {
    const caller = checkCaller(request.socket, plane.registry, arrival.at);
    arrival.seen.peer = caller.member;
    await admission.charge(caller.member, kind);
    const gone = (): boolean => request.destroyed;
    place = await admission.enter({ member: caller.member, bytes: length, gone });
    send(arrival, await answer(caller, place));
    pace.writing(response, { onTooSlow: () => cut(plane, arrival) });
  } catch (error) {
    await refuseUnsigned(plane, arrival, error);
  } finally {
    place?.leave();
  }
}

function send({ response, correlationId }: Arrival, answer: PlainAnswer): void {
  if (response.destroyed) return;
  const { status, bytes, mediaType, cacheControl } = answer;
  response.setHeader('Correlation-Id', correlationId);
  response.writeHead(status, {
    ...(mediaType === undefined ? {} : { 'Content-Type': mediaType }),
    ...(cacheControl === undefined ? {} : { 'Cache-Control': cacheControl }),
    'Content-Length': bytes.length,
  });
  response.end(bytes);
}
