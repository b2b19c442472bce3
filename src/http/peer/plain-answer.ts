/** Answers of the C2SP interfaces: their own statuses and bodies, unsigned, over registered mutual TLS. */
import type { Caller } from './checks/caller.ts';
import { checkCaller } from './checks/caller.ts';
import type { Arrival, PeerContext } from './exchange.ts';
import { refuseUnsigned } from './refuse.ts';

export interface PlainAnswer {
  readonly status: number;
  readonly bytes: Buffer;
  readonly mediaType?: string;
  readonly cacheControl?: string;
}

export const NOT_FOUND: PlainAnswer = { status: 404, bytes: Buffer.alloc(0) };

/** `length` in bytes of the body that the request announces. */
export async function handlePlain(
  { plane, admission }: PeerContext,
  arrival: Arrival,
  length: number,
  answer: (caller: Caller) => Promise<PlainAnswer>,
): Promise<void> {
  let leave: (() => void) | undefined;
  try {
    const caller = checkCaller(arrival.request.socket, plane.registry, arrival.at);
    arrival.seen.peer = caller.member;
    leave = await admission.enter(caller.member, length);
    send(arrival, await answer(caller));
  } catch (error) {
    await refuseUnsigned(plane, arrival, error);
  } finally {
    leave?.();
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
