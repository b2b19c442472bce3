/** The audit's end of one of its threads. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AuditPlan, RangeResult, RangeTask } from '../range.ts';

export type Answer = { readonly result: RangeResult | undefined } | { readonly problem: string };

interface Waiter {
  resolve(result: RangeResult | undefined): void;
  reject(error: Error): void;
}

/** Sources and compiled files stand beside each other in the same way. */
const WORKER = new URL(`./range-worker${extname(import.meta.url)}`, import.meta.url);

export class ScanThread implements AsyncDisposable {
  /** Whether it could be started. */
  readonly started: Promise<boolean>;
  readonly #worker: Worker;
  /** Tasks are answered in their order. */
  readonly #waiting: Waiter[] = [];
  #end: Error | undefined;

  constructor(plan: AuditPlan, file: URL = WORKER) {
    this.#worker = new Worker(file, { workerData: plan });
    this.started = new Promise((resolve) => {
      this.#worker.once('message', () => {
        this.#worker.on('message', (answer: Answer) => this.#settle(answer));
        resolve(true);
      });
      this.#worker.once('exit', () => resolve(false));
    });
    this.#worker.on('error', (error: Error) => this.#fail(error.message));
    this.#worker.on('exit', (code) => this.#fail(`exit code ${code}`));
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  scan(task: RangeTask): Promise<RangeResult | undefined> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(task);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: Answer): void {
    const waiter = this.#waiting.shift();
    if ('problem' in answer) waiter?.reject(new Error(answer.problem));
    else waiter?.resolve(answer.result);
  }

  #fail(reason: string): void {
    this.#end ??= new Error(`a thread of the audit broke off: ${reason}`);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#end);
  }
}
