/** Acts that have no rows of their own: those that arrive while a statement is under way share the next one. */
interface Waiting<Entry> {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const MAX_TOGETHER = 256;

export class Recorder<Entry> {
  readonly #insert: (entries: readonly Entry[]) => Promise<unknown>;
  readonly #waiting: Waiting<Entry>[] = [];
  #running = false;

  /** @param insert resolves after the commit. */
  constructor(insert: (entries: readonly Entry[]) => Promise<unknown>) {
    this.#insert = insert;
  }

  /** Resolves when the entry's transaction has committed. */
  add(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, MAX_TOGETHER);
      try {
        await this.#insert(together.map(({ entry }) => entry));
        for (const { resolve } of together) resolve();
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
    }
    this.#running = false;
  }
}
