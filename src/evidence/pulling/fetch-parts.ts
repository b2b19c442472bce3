/** Fetches parts of a bundle in order, a few in flight, each held against its digest before anyone gets it. */
import { canonicalBytes } from '../../core/canonical.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { PeerAnswer, PeerClient } from '../../federation/peers/peer-client.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import { digestClaim } from '../../wire/content-digest.ts';
import { partRange } from '../making/part-digests.ts';
import type { InboundRow } from '../store/inbound-store.ts';

const IN_FLIGHT = 2;
const TRIES = 3;
const MAX_PROBLEM_BYTES = 16 * 1024;
/** A signed refusal must fit too, however small the parts are. */
const LEAST_BUFFER_BYTES = 64 * 1024;

export interface PartSource {
  readonly client: Pick<PeerClient, 'call'>;
  readonly row: InboundRow;
  /** The Exchange-Id of all parts of this pull. */
  readonly pullId: string;
  /** Our entry that opened the pull. */
  readonly opened: EntryRef;
  readonly signal: AbortSignal;
}

export interface FetchedPart {
  readonly n: number;
  /** Valid until the next part is asked for: its memory is used again. */
  readonly body: Buffer;
  /** The holder's entry about this pull. */
  readonly receipt: EntryRef | null;
}

/** Parts from `first` on. Throws part.digest-mismatch, exchange.refused-by-peer and what the client throws. */
export async function* fetchParts(source: PartSource, first: number): AsyncGenerator<FetchedPart> {
  const stop = new AbortController();
  const call = { ...source, signal: AbortSignal.any([source.signal, stop.signal]) };
  const { parts, part_size } = source.row;
  // A part that has been dealt with gives its buffer to the next one: two parts in memory, however large the bundle.
  const buffers = Array.from({ length: IN_FLIGHT }, () =>
    Buffer.allocUnsafeSlow(Math.max(part_size, LEAST_BUFFER_BYTES)),
  );
  const ask = (n: number): Promise<FetchedPart> => {
    const part = fetchPart(call, n, buffers[n % buffers.length]);
    part.catch(() => undefined);
    return part;
  };
  const inFlight: Promise<FetchedPart>[] = [];
  for (let n = first; n < Math.min(first + IN_FLIGHT, parts.length); n++) inFlight.push(ask(n));
  try {
    for (let n = first; n < parts.length; n++) {
      const part = (await inFlight.shift()) as FetchedPart;
      yield part;
      if (n + IN_FLIGHT < parts.length) inFlight.push(ask(n + IN_FLIGHT));
    }
  } finally {
    stop.abort();
  }
}

export async function fetchPart(source: PartSource, n: number, into?: Buffer): Promise<FetchedPart> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askForPart(source, n, into);
    } catch (error) {
      if (attempt === TRIES || !isGatewayError(error, 'part.digest-mismatch')) throw error;
    }
  }
}

async function askForPart(source: PartSource, n: number, into?: Buffer): Promise<FetchedPart> {
  const { client, row, pullId, opened, signal } = source;
  const answer = await client.call({
    to: row.sender,
    path: '/x/v1/parts',
    group: row.group_id,
    purpose: row.purpose,
    mid: pullId,
    body: canonicalBytes({ transfer: row.transfer_id, sha256: row.bundle_sha256, n }),
    schema: '-',
    offer: opened,
    signal,
    ...(into === undefined ? {} : { into }),
  });
  if (answer.status !== 200) throw refusedBy(row.sender, answer);
  const { start, end } = partRange(n, { size: row.bundle_size, partSize: row.part_size });
  const { body, receipt, claims } = answer;
  // The client has held the bytes against `cdg`: hashing them again would cost as much as the transport.
  const digest = digestClaim(Buffer.from(row.parts[n] ?? '', 'hex'));
  if (body.length !== end - start || claims.cdg !== digest) {
    throw new GatewayError('part.digest-mismatch', `part ${n} differs from its digest in the offer`, {
      facts: { n },
    });
  }
  return { n, body, receipt };
}

/** The peer's signed problem answer; its code decides whether asking again makes sense. */
function refusedBy(peer: string, answer: PeerAnswer): GatewayError {
  const code = problemCode(answer.body);
  return new GatewayError('exchange.refused-by-peer', `${peer} refused the part: ${code}`, {
    facts: { peer, status: answer.status, code },
  });
}

function problemCode(body: Buffer): string {
  try {
    const problem = JSON.parse(body.subarray(0, MAX_PROBLEM_BYTES).toString('utf8')) as { code?: unknown };
    return typeof problem.code === 'string' ? problem.code : 'unknown';
  } catch {
    return 'unknown';
  }
}
