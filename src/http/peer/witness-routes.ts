/** /witness/*: the C2SP tlog-witness interface, for the log of every other member. */
import { GatewayError } from '../../core/errors.ts';
import { MAX_REQUEST_BYTES, type WitnessAnswer } from '../../ledger/witness/add-checkpoint.ts';
import type { Witness } from '../../ledger/witness/witness.ts';
import { inviteBody, type Arrival, type PeerContext } from './exchange.ts';
import { handlePlain, NOT_FOUND, type PlainAnswer } from './plain-answer.ts';

export const ADD_CHECKPOINT = '/witness/add-checkpoint';
export const WITNESSED = /^\/witness\/([0-9a-f]{64})\/checkpoint$/;

export function handleAddCheckpoint(context: PeerContext, arrival: Arrival): Promise<void> {
  // A body in chunks announces nothing: it may take as much as any.
  const announced = Number(arrival.request.headers['content-length'] ?? MAX_REQUEST_BYTES);
  return handlePlain(context, arrival, Math.min(announced, MAX_REQUEST_BYTES), async () => {
    const { witness } = context.plane;
    if (witness === undefined) return NOT_FOUND;
    if (announced > MAX_REQUEST_BYTES) throw new GatewayError('http.body-too-large');
    inviteBody(arrival);
    return plain(await witness.addCheckpoint(await readText(arrival)));
  });
}

export function handleWitnessed(context: PeerContext, arrival: Arrival): Promise<void> {
  return handlePlain(context, arrival, 0, () => latest(context.plane.witness, arrival));
}

async function latest(witness: Witness | undefined, arrival: Arrival): Promise<PlainAnswer> {
  const [, origin = ''] = WITNESSED.exec(arrival.request.url ?? '') ?? [];
  const note = await witness?.latest(origin);
  if (note === undefined) return NOT_FOUND;
  return plain({ status: 200, mediaType: 'text/plain; charset=utf-8', body: note }, 'no-store');
}

/** Broken UTF-8 is refused as a malformed note. */
async function readText({ request }: Arrival): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) throw new GatewayError('http.body-too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function plain({ status, mediaType, body }: WitnessAnswer, cacheControl?: string): PlainAnswer {
  const bytes = Buffer.from(body);
  return { status, bytes, mediaType, ...(cacheControl === undefined ? {} : { cacheControl }) };
}
