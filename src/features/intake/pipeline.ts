/** Runs a few pieces of work at a time, in order of arrival, and makes the producer wait for room. */

const WIDTH = 4;

export class Pipeline<In, Out> {
  readonly #work: (input: In) => Promise<Out>;
  readonly #done: Out[] = [];
  readonly #running: Promise<Out>[] = [];

  constructor(work: (input: In) => Promise<Out>) {
    this.#work = work;
  }

  /** Starts the work once fewer than WIDTH are running. Throws what an earlier piece threw. */
  async put(input: In): Promise<void> {
    if (this.#running.length >= WIDTH) await this.#takeFirst();
    const running = this.#work(input);
    // Whoever awaits it sees the error; without this the process would end before anybody does.
    running.catch(() => undefined);
    this.#running.push(running);
  }

  /** All results, in the order of the inputs. */
  async end(): Promise<readonly Out[]> {
    while (this.#running.length > 0) await this.#takeFirst();
    return this.#done;
  }

  /** Waits until nothing runs any more, whatever became of it. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #takeFirst(): Promise<void> {
    const first = this.#running.shift();
    if (first !== undefined) this.#done.push(await first);
  }
}
