/** What has outlived its time: where the outcome is unknown the peer is asked once more, then all of it ends. */
import { isGatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import type { ClaimedDelivery } from '../delivery/delivery-store.ts';
import { leaseExpired } from '../undelivered/evidence-store.ts';
import { askStatus, type StatusWord } from './ask-status.ts';
import type { FinalOutcome } from './close-delivery.ts';
import { attemptDelivery, type DeliveryDeps } from './deliver-message.ts';

export interface EndedDelivery {
  readonly delivery: ClaimedDelivery;
  readonly outcome: FinalOutcome;
}

const AT_ONCE = 100;
const LEASE_MS = 60_000;
const ASKING_MS = 10_000;

/** The next hundred, with how each ends; the caller closes them. Peers are asked side by side, one call each. */
export async function endExpired(deps: DeliveryDeps, signal: AbortSignal): Promise<readonly EndedDelivery[]> {
  const now = deps.clock();
  const until = new Date(now.getTime() + LEASE_MS);
  const old = await leaseExpired(deps.database, { now, until }, AT_ONCE);
  const peers = [...new Set(old.map(({ recipient }) => recipient))];
  const ended = await Promise.all(
    peers.map((peer) =>
      endAt(deps, { peer, old: old.filter(({ recipient }) => recipient === peer), signal }),
    ),
  );
  return ended.flat();
}

interface Outlived {
  readonly peer: MemberId;
  readonly old: readonly ClaimedDelivery[];
  readonly signal: AbortSignal;
}

async function endAt(deps: DeliveryDeps, { peer, old, signal }: Outlived): Promise<readonly EndedDelivery[]> {
  const mids = old.filter(({ outcomeUnknown }) => outcomeUnknown).map(({ mid }) => mid);
  const patience = AbortSignal.any([signal, AbortSignal.timeout(ASKING_MS)]);
  const word = mids.length === 0 ? undefined : await wordOf(deps, { peer, mids, signal: patience });
  return Promise.all(
    old.map(async (delivery) => {
      const outcome = delivery.outcomeUnknown ? await outcomeOf(deps, { delivery, word, patience }) : EXPIRED;
      return { delivery, outcome };
    }),
  );
}

const EXPIRED: FinalOutcome = { kind: 'expired' };

async function wordOf(
  deps: DeliveryDeps,
  question: Parameters<typeof askStatus>[1],
): Promise<StatusWord | string> {
  try {
    return await askStatus(deps, question);
  } catch (error) {
    return isGatewayError(error) ? error.code : 'internal';
  }
}

interface Asked {
  readonly delivery: ClaimedDelivery;
  readonly word: StatusWord | string | undefined;
  readonly patience: AbortSignal;
}

/** A peer that says it has accepted is sent the message once more: only the proof in its answer acknowledges it. */
async function outcomeOf(deps: DeliveryDeps, { delivery, word, patience }: Asked): Promise<FinalOutcome> {
  const at = deps.clock();
  if (word === undefined) return EXPIRED;
  if (typeof word === 'string') return { kind: 'expired', lastWord: { at, code: word } };
  const { answer } = word;
  const accepted = word.accepted.get(delivery.mid);
  if (accepted === undefined) return { kind: 'expired', lastWord: { at, answer } };
  const last = await attemptDelivery(deps, delivery, patience);
  if (last.kind === 'accepted') return last;
  return { kind: 'expired', lastWord: { at, answer, accepted } };
}
