/** Work of callers that shares the sequencer's transaction: its rows and its entries are one commit. */
import { queryableOf, type Transaction } from '../../storage/database.ts';
import type { KeyedDraft, LoggedWork } from '../ledger.ts';
import type { SequencerConnection } from './sequence-store.ts';

/** Why work did not go with a batch: nothing of it is committed, or its fate is unknown; it runs again by itself. */
export class NotShared extends Error {}

interface Waiting {
  readonly work: LoggedWork<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: NotShared) => void;
}

/** What one batch carries. Exactly one of `done` and `decline` is called. */
export interface SharedLoad {
  readonly size: number;
  /** Runs every work on `client`, inside its open transaction. Throws NotShared when one fails. */
  run(client: SequencerConnection): Promise<readonly KeyedDraft[]>;
  /** After the batch's commit was confirmed. */
  done(): void;
  decline(cause: unknown): void;
}

/** The head of the log stays locked meanwhile: work that waits for someone else's rows goes its own way. */
const LOCK_WAIT = "SET LOCAL lock_timeout TO '250ms'";
const MAX_TOGETHER = 16;

export class SharedWork {
  readonly #waiting: Waiting[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  add<T>(work: LoggedWork<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject });
    });
  }

  take(): SharedLoad {
    return loadOf(this.#waiting.splice(0, MAX_TOGETHER));
  }

  declineAll(): void {
    loadOf(this.#waiting.splice(0)).decline('this process does not sequence');
  }
}

function loadOf(works: readonly Waiting[]): SharedLoad {
  let results: readonly unknown[] = [];
  return {
    size: works.length,
    run: async (client) => {
      if (works.length === 0) return [];
      const written = await runAll(works, client);
      results = written.map(({ result }) => result);
      return written.flatMap(({ entries }) => entries);
    },
    done: () => works.forEach(({ resolve }, i) => resolve(results[i])),
    decline: (cause) => {
      for (const { reject } of works) reject(new NotShared('not in this batch', { cause }));
    },
  };
}

async function runAll(works: readonly Waiting[], client: SequencerConnection) {
  client.query(LOCK_WAIT).catch(() => undefined);
  const statements = queryableOf(client);
  const tx: Transaction = {
    query: (text, values) => statements.query(text, values),
    // A failure of these fails the batch's own statement, which follows in the same transaction.
    last: ({ text, values }) => void statements.query(text, values).catch(() => undefined),
  };
  const settled = await Promise.allSettled(works.map(({ work }) => work(tx)));
  return settled.map((one) => {
    if (one.status === 'fulfilled') return one.value;
    throw new NotShared('work of a batch failed', { cause: one.reason });
  });
}
