/** Catches up by itself with groups that we are newly in, and once a day with all: a push that was lost is a pull away. */
import { isGatewayError } from '../../core/errors.ts';
import { catchUp, type CatchUpDeps } from './catch-up.ts';
import {
  duePositions,
  keepPositions,
  postponePosition,
  type Feed,
  type FeedPosition,
} from './position-store.ts';

export interface CatchUpWorker {
  /** Lets the page under way end. */
  close(): Promise<void>;
}

export interface CatchUpWorkerOptions {
  readonly onError?: (error: unknown) => void;
  /** From the start to the first look: the others of an alliance that is starting need a moment, too. */
  readonly firstMs?: number;
  readonly everyMs?: number;
}

const FIRST_MS = 15_000;
const EVERY_MS = 10_000;
const STALE_MS = 86_400_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;

export function startCatchUp(deps: CatchUpDeps, options: CatchUpWorkerOptions = {}): CatchUpWorker {
  const stop = new AbortController();
  let looking: Promise<void> | undefined;
  const look = (): void => {
    looking ??= catchUpWithDue(deps, stop.signal)
      .catch((error: unknown) => options.onError?.(error))
      .finally(() => (looking = undefined));
  };
  let timer = setTimeout(() => {
    look();
    timer = setInterval(look, options.everyMs ?? EVERY_MS).unref();
  }, options.firstMs ?? FIRST_MS).unref();
  return {
    close: async () => {
      clearInterval(timer);
      stop.abort();
      await looking;
    },
  };
}

async function catchUpWithDue(deps: CatchUpDeps, signal: AbortSignal): Promise<void> {
  const now = deps.clock();
  const feeds = feedsOf(deps);
  await keepPositions(deps.database, feeds, now);
  const stale = new Date(now.getTime() - STALE_MS);
  for (const position of await duePositions(deps.database, feeds, { now, stale })) {
    if (signal.aborted) return;
    await tryOne(deps, position, signal);
  }
}

/** What every other active member of our groups sends there. */
export function feedsOf({ registry, member }: Pick<CatchUpDeps, 'registry' | 'member'>): readonly Feed[] {
  const view = registry.current();
  return view.body.groups
    .filter(({ members }) => members.includes(member))
    .flatMap(({ id: group, members }) =>
      members.filter((peer) => peer !== member && view.active(peer)).map((peer) => ({ peer, group })),
    );
}

/** A peer that does not answer delays nobody: its feed waits longer each time. */
async function tryOne(deps: CatchUpDeps, position: FeedPosition, signal: AbortSignal): Promise<void> {
  try {
    await catchUp(deps, position, { signal });
  } catch (error) {
    if (signal.aborted) return;
    const code = isGatewayError(error) ? error.code : 'internal';
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(position.attempts, 20));
    await postponePosition(deps.database, position, { at: new Date(deps.clock().getTime() + pause), code });
  }
}
