/** Pushes of features that nobody else has: each value is one operation and is looked for at every member afterwards. */
import { FEATURE_GROUP } from '../../../src/demo/cast.ts';
import { call, outcomeOf } from './member-api.ts';
import type { FaultWorld } from './fault-world.ts';
import type { Member } from './found-world.ts';
import type { Operation } from './recorder.ts';

const QUERY = 'purpose=RISK_PREVENTION&basis=PIPL-13';
let pushed = 0;

export function push(world: FaultWorld, member: Member): Promise<Operation> {
  pushed += 1;
  const value = `f${pushed}-${process.pid}.${member}.example`;
  return world.recorder.record({ act: 'push', member, key: value }, async () => {
    const line = JSON.stringify({ type: 'domain', value, confidence: 90, source: 'fault harness' });
    const body = { method: 'POST', body: `${line}\n`, type: 'application/x-ndjson' } as const;
    try {
      return outcomeOf(await call(world, member, `/v1/groups/${FEATURE_GROUP}/features?${QUERY}`, body));
    } catch (error) {
      if (isRefused(error)) return { outcome: 'fail', detail: 'nobody listens' };
      throw error;
    }
  });
}

export interface Load {
  /** Ends the load when what is under way has been answered. */
  stop(): Promise<void>;
}

/** `width` callers that push one after the other, a little apart. */
export function startPushing(world: FaultWorld, member: Member, width = 4, pauseMs = 20): Load {
  let stopped = false;
  const caller = async (): Promise<void> => {
    while (!stopped) {
      const { outcome } = await push(world, member);
      await new Promise((resolve) => setTimeout(resolve, outcome === 'ok' ? pauseMs : 100));
    }
  };
  const callers = Array.from({ length: width }, caller);
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(callers);
    },
  };
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return cause?.code === 'ECONNREFUSED';
}
