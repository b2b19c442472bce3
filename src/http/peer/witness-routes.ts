/** /witness/*: the C2SP tlog-witness interface, for the log of every other member. */
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import { MAX_REQUEST_BYTES, type WitnessAnswer } from '../../ledger/witness/add-checkpoint.ts';
import type { Witness } from '../../ledger/witness/witness.ts';
import type { Caller } from './checks/caller.ts';
import type { Place } from './fair-queue.ts';
import { inviteBody, type Arrival, type PeerContext } from './exchange.ts';
import { handlePlain, NOT_FOUND, type PlainAnswer } from './plain-answer.ts';

export const ADD_CHECKPOINT = '/witness/add-checkpoint';
export const WITNESSED = /^\/witness\/([0-9a-f]{64})\/checkpoint$/;

export function handleAddCheckpoint(context: PeerContext, arrival: Arrival): Promise<void> {
  // A body in chunks announces nothing: it may take as much as any.
  const announced = Number(arrival.request.headers['content-length'] ?? MAX_REQUEST_BYTES);
  const answer = async (_caller: Caller, place: Place): Promise<PlainAnswer> => {
    const { witness } = context.plane;
    if (witness === undefined) return NOT_FOUND;
    if (announced > MAX_REQUEST_BYTES) throw new GatewayError('http.body-too-large');
    inviteBody(arrival);
    return plain(await witness.addCheckpoint(await readText(context, arrival, place)));
  };
  const length = Math.min(announced, MAX_REQUEST_BYTES);
  return handlePlain(context, arrival, { kind: 'witness', length, answer });
}

export function handleWitnessed(context: PeerContext, arrival: Arrival): Promise<void> {
  const answer = (): Promise<PlainAnswer> => latest(context.plane.witness, arrival);
  return handlePlain(context, arrival, { kind: 'witness', answer });
}

async function latest(witness: Witness | undefined, arrival: Arrival): Promise<PlainAnswer> {
  const [, origin = ''] = WITNESSED.exec(arrival.request.url ?? '') ?? [];
  const note = await witness?.latest(origin);
  if (note === undefined) return NOT_FOUND;
  return plain({ status: 200, mediaType: 'text/plain; charset=utf-8', body: note }, 'no-store');
}

/** Broken UTF-8 is refused as a malformed note. */
async function readText({ pace }: PeerContext, { request }: Arrival, place: Place): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const onTooSlow = (): void => void request.destroy(new GatewayError('http.body-too-slow'));
  const unwatch = pace.reading(request, { onTooSlow, onLong: () => place.lend() });
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_REQUEST_BYTES) throw new GatewayError('http.body-too-large');
      chunks.push(chunk);
    }
  } catch (cause) {
    // Who hangs up sends no request: that is the caller's doing, no fault of ours.
    throw isGatewayError(cause) ? cause : new GatewayError('http.body-truncated', undefined, { cause });
  } finally {
    unwatch();
  }
  place.takeBack();
  return Buffer.concat(chunks).toString('utf8');
}

function plain({ status, mediaType, body }: WitnessAnswer, cacheControl?: string): PlainAnswer {
  const bytes = Buffer.from(body);
  return { status, bytes, mediaType, ...(cacheControl === undefined ? {} : { cacheControl }) };
}
