/** Lays our word on what we sent beside the peer's signed word, for the last days. */
import type { Clock } from '../../core/clock.ts';
import { isGatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { Database } from '../../storage/database.ts';
import type { DeliveryState } from '../delivery/delivery-store.ts';
import { askStatus, MOST_IDS, type StatusAsking } from '../messages/ask-status.ts';
import { endPausesOf, sentSince, type SentDelivery } from './reconcile-store.ts';

export interface ReconcileDeps extends StatusAsking {
  readonly database: Database;
  readonly member: MemberId;
  readonly clock: Clock;
  readonly kickDelivery: () => void;
}

export type Difference =
  /** We hold the peer's acceptance, and now it says that it has no such message. */
  | 'peer-denies'
  /** Its receipt names another entry than the acceptance that we hold. */
  | 'other-receipt'
  /** It is open here and accepted there: the worker fetches the proof now. */
  | 'accepted-there'
  /** It was refused, expired or given up here, and the peer says that it has accepted it. */
  | 'accepted-after-all';

export interface FoundDifference {
  readonly mid: string;
  readonly state: DeliveryState;
  readonly difference: Difference;
}

export interface PeerReconciliation {
  readonly peer: MemberId;
  readonly asked: number;
  readonly agreed: number;
  /** Open here and not accepted there: nothing is wrong yet. */
  readonly open: number;
  readonly differences: readonly FoundDifference[];
  /** Positions in the peer's ledger of its signed answers. */
  readonly answers: readonly EntryRef[];
  /** Why the peer could not be asked. */
  readonly code?: string;
}

export interface ReconcileRange {
  /** Default: every peer that something was sent to. */
  readonly peer?: MemberId;
  readonly days: number;
}

const DAY_MS = 86_400_000;

/** Peers side by side; one that is down is named with its code. */
export async function reconcileDeliveries(
  deps: ReconcileDeps,
  { peer, days }: ReconcileRange,
): Promise<readonly PeerReconciliation[]> {
  const since = new Date(deps.clock().getTime() - days * DAY_MS);
  const peers = peer === undefined ? othersOf(deps) : [peer];
  const all = await Promise.all(peers.map((one) => reconcilePeer(deps, one, since)));
  deps.kickDelivery();
  return all.filter(({ asked, code }) => asked > 0 || code !== undefined || peer !== undefined);
}

function othersOf({ registry, member }: ReconcileDeps): readonly MemberId[] {
  return registry
    .current()
    .body.members.map(({ id }) => id)
    .filter((id) => id !== member);
}

async function reconcilePeer(deps: ReconcileDeps, peer: MemberId, since: Date): Promise<PeerReconciliation> {
  let report: PeerReconciliation = { peer, asked: 0, agreed: 0, open: 0, differences: [], answers: [] };
  let after = '';
  for (;;) {
    const sent = await sentSince(deps.database, { peer, since, after, limit: MOST_IDS });
    const last = sent.at(-1);
    if (last === undefined) return report;
    after = last.mid;
    try {
      report = await compare(deps, report, sent);
    } catch (error) {
      return { ...report, code: isGatewayError(error) ? error.code : 'internal' };
    }
  }
}

async function compare(
  deps: ReconcileDeps,
  report: PeerReconciliation,
  sent: readonly SentDelivery[],
): Promise<PeerReconciliation> {
  const mids = sent.map(({ mid }) => mid);
  const { answer, accepted } = await askStatus(deps, { peer: report.peer, mids });
  const judged = sent.map((one) => ({ one, word: judge(one, accepted.get(one.mid)) }));
  const differences = judged.flatMap(({ one: { mid, state }, word }) =>
    word === 'agreed' || word === 'open' ? [] : [{ mid, state, difference: word }],
  );
  const waiting = differences.filter(({ difference }) => difference === 'accepted-there');
  await endPausesOf(deps.database, { mids: waiting.map(({ mid }) => mid), now: deps.clock() });
  return {
    ...report,
    asked: report.asked + sent.length,
    agreed: report.agreed + judged.filter(({ word }) => word === 'agreed').length,
    open: report.open + judged.filter(({ word }) => word === 'open').length,
    differences: [...report.differences, ...differences],
    answers: answer.receipt === null ? report.answers : [...report.answers, answer.receipt],
  };
}

/** Pure: what our state and the peer's receipt say together. */
export function judge(
  { state, leaf }: Pick<SentDelivery, 'state' | 'leaf'>,
  theirs: EntryRef | undefined,
): Difference | 'agreed' | 'open' {
  if (state === 'acked') {
    if (theirs === undefined) return 'peer-denies';
    return leaf === null || leaf === theirs.leaf ? 'agreed' : 'other-receipt';
  }
  if (state === 'pending' || state === 'sent') return theirs === undefined ? 'open' : 'accepted-there';
  return theirs === undefined ? 'agreed' : 'accepted-after-all';
}
