/** Scans ranges in this thread and in others at once, and hands the results on in the order of the ranges. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { AuditPlan, RangeResult, RangeTask } from '../range.ts';
import type { RangeScanner } from '../scan.ts';
import { ScanThread } from './thread.ts';

/** A result, or why there is none. */
export type Outcome = { readonly result: RangeResult | undefined } | { readonly error: Error };

export interface ScanOptions {
  readonly plan: AuditPlan;
  readonly scanner: RangeScanner;
  /** Drawn one by one, as threads become free. */
  readonly tasks: Iterator<RangeTask>;
  readonly onOutcome: (task: RangeTask, outcome: Outcome) => void;
  /** Beside this one. */
  readonly threads: number;
  /** Leave all of it to them. For tests. */
  readonly threadsOnly?: boolean;
  /** What a thread runs. For tests. */
  readonly worker?: URL;
}

/** So that a thread never waits for this one, which may be scanning a range itself. */
const TASKS_A_THREAD = 2;
/** How many ranges results may wait for one that is late: bounds the memory. */
const AHEAD = 4 * TASKS_A_THREAD;

export async function scanRanges(options: ScanOptions): Promise<void> {
  const { plan, scanner, threads, worker } = options;
  const queue = new RangeQueue(options, AHEAD * (threads + 1));
  const others = Array.from({ length: threads }, () => new ScanThread(plan, worker));
  const here = async (task: RangeTask): Promise<RangeResult | undefined> => {
    // Lets the others' results in, and whatever else this process does.
    await breathe();
    return scanner.scan(task);
  };
  try {
    const lanes = Promise.all(others.map((thread) => lanesOf(thread, queue)));
    if (options.threadsOnly === true) await lanes;
    // A thread that is still starting when all is done is not waited for.
    await Promise.race([Promise.all([queue.work(here), lanes]), queue.done]);
  } finally {
    await Promise.all(others.map((thread) => thread[Symbol.asyncDispose]()));
  }
}

async function lanesOf(thread: ScanThread, queue: RangeQueue): Promise<void> {
  if (!(await thread.started)) return;
  const work = (task: RangeTask): Promise<RangeResult | undefined> => thread.scan(task);
  const lane = (): Promise<void> => queue.work(work, () => thread.hasEnded);
  await Promise.all(Array.from({ length: TASKS_A_THREAD }, lane));
}

class RangeQueue {
  readonly #options: ScanOptions;
  readonly #ahead: number;
  readonly #outcomes = new Map<number, { task: RangeTask; outcome: Outcome }>();
  readonly #waiting: (() => void)[] = [];
  readonly done: Promise<void>;
  #onDone: () => void = () => undefined;
  #isExhausted = false;
  #drawn = 0;
  #handedOn = 0;

  constructor(options: ScanOptions, ahead: number) {
    this.#options = options;
    this.#ahead = ahead;
    this.done = new Promise((resolve) => (this.#onDone = resolve));
  }

  /** Draws until nothing is left. */
  async work(
    scan: (task: RangeTask) => Promise<RangeResult | undefined>,
    hasEnded: () => boolean = () => false,
  ): Promise<void> {
    while (!hasEnded()) {
      while (this.#drawn - this.#handedOn >= this.#ahead) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
      const next = this.#options.tasks.next();
      if (next.done === true) {
        this.#isExhausted = true;
        this.#settle();
        return;
      }
      const place = this.#drawn++;
      const outcome = await scan(next.value).then(
        (result) => ({ result }),
        (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
      );
      this.#outcomes.set(place, { task: next.value, outcome });
      this.#handOn();
    }
  }

  #handOn(): void {
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      this.#options.onOutcome(next.task, next.outcome);
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#settle();
  }

  #settle(): void {
    if (this.#isExhausted && this.#drawn === this.#handedOn) this.#onDone();
  }

  #take(): { task: RangeTask; outcome: Outcome } | undefined {
    const next = this.#outcomes.get(this.#handedOn);
    if (next === undefined) return undefined;
    this.#outcomes.delete(this.#handedOn++);
    return next;
  }
}
