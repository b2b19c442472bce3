/** Reads a peer's feed of a group from where we are: every envelope goes through the acceptance of any message. */
import { canonicalBytes } from '../../core/canonical.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import { newId, type MemberId } from '../../core/ids.ts';
import type { Database } from '../../storage/database.ts';
import type { MessageReceiver } from '../inbox.ts';
import type { PeerClient } from '../peers/peer-client.ts';
import type { RegistryKeeper } from '../registry/registry-keeper.ts';
import { readItem, readPage, type FeedItem, type FeedPage } from './feed-page.ts';
import { findPosition, movePosition, type Feed } from './position-store.ts';

export interface CatchUpDeps {
  readonly member: MemberId;
  readonly database: Database;
  readonly registry: Pick<RegistryKeeper, 'current'>;
  readonly client: Pick<PeerClient, 'call'>;
  readonly messages: MessageReceiver;
  readonly clock: Clock;
}

export interface CatchUpReport extends Feed {
  readonly pages: number;
  /** New here. */
  readonly accepted: number;
  /** We had them: the stored answers stand. */
  readonly known: number;
  /** Refused for good; the peer learns the code when it pushes them. */
  readonly refused: readonly { readonly mid: string; readonly code: string }[];
  /** false: there is more, ask again. */
  readonly done: boolean;
}

export interface CatchUpOptions {
  /** Default: on and on, to the end. */
  readonly mostPages?: number;
  readonly signal?: AbortSignal;
  /** Items a page; tests make it small. */
  readonly limit?: number;
  /** Begin at the beginning instead of where we were. */
  readonly anew?: boolean;
}

const LIMIT = 100;
/** An answer has 4 MiB of bodies at most, or one of 1 MiB; quoted and with their tokens they take more. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MOST_REFUSED = 100;

/**
 * Our position moves after each page, when each of its items is durable here or refused for good. Throws what a call
 * throws, the code of a signed refusal, and ledger.unavailable or storage.unavailable of our own: then nothing is lost,
 * the same page comes again.
 */
export async function catchUp(
  deps: CatchUpDeps,
  feed: Feed,
  options: CatchUpOptions = {},
): Promise<CatchUpReport> {
  const into = Buffer.allocUnsafe(MAX_ANSWER_BYTES);
  let cursor = options.anew === true ? null : await findPosition(deps.database, feed);
  let report: CatchUpReport = { ...feed, pages: 0, accepted: 0, known: 0, refused: [], done: false };
  while (!report.done && report.pages < (options.mostPages ?? Infinity)) {
    const page = await fetchPage(deps, feed, { cursor, into, ...options });
    demandProgress(page, cursor);
    report = await takePage(deps, report, page);
    cursor = page.cursor;
    await movePosition(deps.database, feed, { cursor, now: deps.clock(), caughtUp: report.done });
  }
  return report;
}

interface Fetching extends CatchUpOptions {
  readonly cursor: string | null;
  readonly into: Buffer;
}

async function fetchPage(deps: CatchUpDeps, { peer, group }: Feed, fetching: Fetching): Promise<FeedPage> {
  const { cursor, into, signal, limit = LIMIT } = fetching;
  const answer = await deps.client.call({
    to: peer,
    path: '/x/v1/feed',
    group,
    purpose: 'catch-up',
    mid: newId(),
    body: canonicalBytes({ group, cursor, limit }),
    schema: '-',
    offer: null,
    into,
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status === 200) return readPage(answer.body);
  throw new GatewayError(
    'exchange.refused-by-peer',
    `${peer} answered ${answer.status}: ${codeIn(answer.body)}`,
    {
      facts: { peer, status: answer.status, code: codeIn(answer.body) },
    },
  );
}

function codeIn(body: Buffer): string {
  return /"code":"([a-z][a-z0-9.-]{0,63})"/.exec(body.subarray(0, 4096).toString('utf8'))?.[1] ?? 'no code';
}

/** A feed that promises more and goes nowhere would be read for ever. */
function demandProgress({ cursor, more }: FeedPage, before: string | null): void {
  if (!more || cursor !== before) return;
  throw new GatewayError('exchange.response-invalid', 'the feed is refused: its cursor does not move');
}

async function takePage(deps: CatchUpDeps, report: CatchUpReport, page: FeedPage): Promise<CatchUpReport> {
  const now = deps.clock();
  const refused = [...report.refused];
  let { accepted, known } = report;
  for (const item of page.items) {
    const taken = await takeItem(deps, report.peer, { item, now });
    if (taken === 'accepted') accepted += 1;
    else if (taken === 'known') known += 1;
    else if (refused.length < MOST_REFUSED) refused.push(taken);
  }
  return { ...report, pages: report.pages + 1, accepted, known, refused, done: !page.more };
}

/** One after the other: what must not overtake another stands behind it. */
async function takeItem(
  deps: CatchUpDeps,
  peer: MemberId,
  { item, now }: { readonly item: FeedItem; readonly now: Date },
): Promise<'accepted' | 'known' | { readonly mid: string; readonly code: string }> {
  const { member, registry } = deps;
  let mid = '-';
  try {
    const received = await readItem(item, { peer, member, view: registry.current(), now });
    ({ mid } = received.claims);
    const { replayed } = await deps.messages.receive(received);
    return replayed ? 'known' : 'accepted';
  } catch (error) {
    // Our own trouble, not the item's: it must come again.
    if (!isGatewayError(error) || error.status >= 500) throw error;
    return { mid, code: error.code };
  }
}
