/** Fetches parts of a bundle in order, a few in flight, each held against its digest before anyone gets it. */
import { canonicalBytes } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { PeerAnswer, PeerClient } from '../../federation/peer-client.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import { partRange } from '../part-digests.ts';
import type { InboundRow } from '../store/inbound-store.ts';

/** With the part in hand, at most one more than this is in memory. */
const IN_FLIGHT = 2;
const TRIES = 3;
const MAX_PROBLEM_BYTES = 16 * 1024;

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
  readonly body: Buffer;
  /** The holder's entry about this pull. */
  readonly receipt: EntryRef | null;
}

/** Parts from `first` on. Throws part.digest-mismatch, exchange.refused-by-peer and what the client throws. */
export async function* fetchParts(source: PartSource, first: number): AsyncGenerator<FetchedPart> {
  const stop = new AbortController();
  const call = { ...source, signal: AbortSignal.any([source.signal, stop.signal]) };
  const inFlight: Promise<FetchedPart>[] = [];
  let next = first;
  const fill = (): void => {
    while (next < source.row.parts.length && inFlight.length < IN_FLIGHT) {
      const part = fetchPart(call, next++);
      part.catch(() => undefined);
      inFlight.push(part);
    }
  };
  try {
    for (fill(); inFlight.length > 0; fill()) {
      const part = (await inFlight.shift()) as FetchedPart;
      yield part;
    }
  } finally {
    stop.abort();
  }
}

export async function fetchPart(source: PartSource, n: number): Promise<FetchedPart> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askForPart(source, n);
    } catch (error) {
      if (attempt === TRIES || !isGatewayError(error, 'part.digest-mismatch')) throw error;
    }
  }
}

async function askForPart(source: PartSource, n: number): Promise<FetchedPart> {
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
  });
  if (answer.status !== 200) throw refusedBy(row.sender, answer);
  const { start, end } = partRange(n, { size: row.bundle_size, partSize: row.part_size });
  const { body, receipt } = answer;
  if (body.length !== end - start || sha256Hex(body) !== row.parts[n]) {
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
