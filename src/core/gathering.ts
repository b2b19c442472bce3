/** Items that arrive while work is under way go into the next piece of work together. */
interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result | PromiseLike<Result>) => void;
  readonly reject: (error: unknown) => void;
}

export interface GatheredWork<Item, Result> {
  /** How many of the waiting items go together: from the first on, at least one. */
  readonly take: (waiting: readonly Item[]) => number;
  /** One result for each item, in their order; a promise among them settles its own item. Rejects for all. */
  readonly work: (items: readonly Item[]) => Promise<readonly (Result | PromiseLike<Result>)[]>;
}

export class Gathering<Item, Result> {
  readonly #gathered: GatheredWork<Item, Result>;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | undefined;

  constructor(gathered: GatheredWork<Item, Result>) {
    this.#gathered = gathered;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#together();
    this.#running = undefined;
  }

  async #together(): Promise<void> {
    const count = this.#gathered.take(this.#waiting.map(({ item }) => item));
    const together = this.#waiting.splice(0, count);
    try {
      const results = await this.#gathered.work(together.map(({ item }) => item));
      // The next piece of work sets out before what hangs on this one takes the thread.
      process.nextTick(() => together.forEach(({ resolve }, i) => resolve(results[i] as Result)));
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }
}
