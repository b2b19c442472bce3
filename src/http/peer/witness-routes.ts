/** /witness/*: the C2SP tlog-witness interface, for the log of every other member. */
import { GatewayError } from '../../core/errors.ts';
import { MAX_REQUEST_BYTES, type WitnessAnswer } from '../../ledger/witness/add-checkpoint.ts';
import type { Witness } from '../../ledger/witness/witness.ts';
import type { Arrival, PeerContext } from './exchange.ts';
import { handlePlain, NOT_FOUND, type PlainAnswer } from './plain-answer.ts';

export const ADD_CHECKPOINT = '/witness/add-checkpoint';
export const WITNESSED = /^\/witness\/([0-9a-f]{64})\/checkpoint$/;

export function handleAddCheckpoint(context: PeerContext, arrival: Arrival): Promise<void> {
  const announced = Number(arrival.request.headers['content-length'] ?? Number.NaN);
  return handlePlain(context, arrival, announced > 0 ? announced : 0, async () => {
    const { witness } = context.plane;
    if (witness === undefined) return NOT_FOUND;
    if (!Number.isInteger(announced))
      throw new GatewayError('http.header-missing', 'expected Content-Length');
    if (announced > MAX_REQUEST_BYTES) throw new GatewayError('http.body-too-large');
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

/** Node's parser gives at most Content-Length bytes; broken UTF-8 is refused as a malformed note. */
async function readText({ request }: Arrival): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function plain({ status, mediaType, body }: WitnessAnswer, cacheControl?: string): PlainAnswer {
  const bytes = Buffer.from(body);
  return { status, bytes, mediaType, ...(cacheControl === undefined ? {} : { cacheControl }) };
}
