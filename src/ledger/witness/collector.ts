/** Asks witnesses for cosignatures of our newest checkpoint, in the background: nobody waits for a witness. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../storage/database.ts';
import { readLatest } from '../entry-store.ts';
import { cosign, type AskedWitness, type Contradiction, type LatestCheckpoint } from './ask-witness.ts';
import { insertCosignature, latestCosigned, pruneCosignatures } from './cosignature-store.ts';

export interface CollectorOptions {
  readonly database: Database;
  /** Read anew each round: the registry may have changed. */
  readonly witnesses: () => readonly AskedWitness[];
  readonly origin: string;
  /** Keys that our log signed with, the present one included. */
  readonly vkeys: () => readonly string[];
  readonly onContradiction: (contradiction: Contradiction) => void;
  /** What a witness failed with; undefined when it cosigned. */
  readonly onAsked: (witness: string, error?: unknown) => void;
  readonly onError: (error: unknown) => void;
  /** Default 1 s. */
  readonly intervalMs?: number;
}

export interface Collector {
  /** One round now; resolves when each witness has answered or failed. */
  collect(): Promise<void>;
  close(): Promise<void>;
}

const INTERVAL_MS = 1000;
const ANSWER_MS = 10_000;
const PRUNE_MS = 3_600_000;

export function startCollector(options: CollectorOptions): Collector {
  const closing = new AbortController();
  const cosigned = new Map<string, number>();
  /** By vkey: a slow witness keeps nobody else waiting. */
  const asking = new Map<string, Promise<void>>();

  const ask = async (witness: AskedWitness, latest: LatestCheckpoint): Promise<void> => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      const old = cosigned.get(witness.vkey) ?? 0;
      const { seconds, vkey, line } = await cosign({ ...options, witness, signal }, latest, old);
      const cosignedAt = new Date(seconds * 1000);
      await insertCosignature(options.database, { size: latest.size, vkey, line, cosignedAt });
      cosigned.set(vkey, latest.size);
      options.onAsked(witness.name);
    } catch (error) {
      if (!closing.signal.aborted) options.onAsked(witness.name, error);
    }
  };

  const collect = async (): Promise<void> => {
    const latest = await readLatest(options.database);
    if (latest === undefined || latest.size === 0) return;
    for (const witness of options.witnesses()) {
      const { vkey } = witness;
      if (asking.has(vkey) || (cosigned.get(vkey) ?? 0) >= latest.size) continue;
      asking.set(
        vkey,
        ask(witness, latest).finally(() => asking.delete(vkey)),
      );
    }
    await Promise.all(asking.values());
  };

  const loop = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        for (const [vkey, size] of await latestCosigned(options.database)) cosigned.set(vkey, size);
        break;
      } catch (error) {
        options.onError(error);
        await pause();
      }
    }
    let pruned = -Infinity;
    while (!closing.signal.aborted) {
      if (performance.now() - pruned > PRUNE_MS) {
        pruned = performance.now();
        await pruneCosignatures(options.database).catch(options.onError);
      }
      await Promise.race([collect().catch(options.onError), pause()]);
      await pause();
    }
    await Promise.all(asking.values());
  };
  const pause = (): Promise<void> =>
    sleep(options.intervalMs ?? INTERVAL_MS, undefined, { signal: closing.signal }).catch(() => undefined);
  const ended = loop();
  return {
    collect,
    close: async () => {
      closing.abort();
      await ended;
    },
  };
}
