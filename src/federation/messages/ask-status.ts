/** Asks a peer, signed both ways, which of our messages it has durably accepted. */
import { canonicalBytes, type JsonObject, type JsonValue } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import { newId, type MemberId } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import type { PeerAnswer, PeerClient } from '../peers/peer-client.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';

/** The profile's limit for one call. */
export const MOST_IDS = 1000;

export interface StatusAsking {
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly client: Pick<PeerClient, 'call'>;
}

export interface StatusQuestion {
  readonly peer: MemberId;
  /** At most MOST_IDS. */
  readonly mids: readonly string[];
  readonly signal?: AbortSignal;
}

/** The peer's signed word. */
export interface StatusWord {
  readonly answer: PeerAnswer;
  /** Receipts of what it has accepted, by mid. */
  readonly accepted: ReadonlyMap<string, EntryRef>;
}

/** Throws what a call throws, and exchange.refused-by-peer when the signed answer is a refusal. */
export async function askStatus(deps: StatusAsking, question: StatusQuestion): Promise<StatusWord> {
  const { peer, mids, signal } = question;
  const answer = await deps.client.call({
    to: peer,
    path: '/x/v1/status',
    group: '-',
    purpose: 'status',
    mid: newId(),
    body: canonicalBytes({ ids: [...mids] }),
    schema: '-',
    offer: null,
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status !== 200)
    throw new GatewayError('exchange.refused-by-peer', `${peer} answered ${answer.status} to a status call`);
  const origin = deps.registry.current().member(peer)?.ledger.origin;
  const receipts = receiptsIn(answer.body).filter(([, receipt]) => receipt.origin === origin);
  return { answer, accepted: new Map(receipts) };
}

/** Untrusted, signed by the peer. */
function receiptsIn(body: Buffer): readonly (readonly [string, EntryRef])[] {
  const { results } = objectOr(parseStrictJson(body));
  if (!Array.isArray(results)) return [];
  return (results as readonly JsonValue[]).map(objectOr).flatMap((result) => {
    const { id } = result;
    const receipt = receiptOf(result);
    return receipt === undefined || typeof id !== 'string' ? [] : [[id, receipt] as const];
  });
}

function receiptOf({ state, receipt }: JsonObject): EntryRef | undefined {
  const { origin, index, leaf } = objectOr(receipt);
  if (state !== 'accepted' || typeof origin !== 'string') return undefined;
  if (typeof index !== 'number' || typeof leaf !== 'string' || !/^[0-9a-f]{64}$/.test(leaf)) return undefined;
  return { origin, index, leaf };
}

function objectOr(value: JsonValue | undefined): JsonObject {
  const object = typeof value === 'object' && value !== null && !Array.isArray(value);
  return object ? (value as JsonObject) : {};
}
