/** Things that come and go by the thousand a second. */
export interface Seated {
  /** Where it sits; the set's own business. −1 outside of one. */
  seat: number;
}

/**
 * Adds and removes without leaving anything behind. A Set or Map would: a table that it has outgrown keeps all that it
 * held, and once that table is old, everything of every request stays until the next full collection (decision 28).
 */
export class DenseSet<T extends Seated> {
  readonly #items: T[] = [];

  add(item: T): void {
    item.seat = this.#items.length;
    this.#items.push(item);
  }

  /** Does nothing for one that is not in here. */
  remove(item: T): void {
    if (this.#items[item.seat] !== item) return;
    const last = this.#items.pop() as T;
    if (last !== item) {
      this.#items[item.seat] = last;
      last.seat = item.seat;
    }
    item.seat = -1;
  }

  /** Passes over what leaves meanwhile; what comes meanwhile waits for the next time. */
  *[Symbol.iterator](): Generator<T> {
    for (const item of [...this.#items]) if (item.seat >= 0) yield item;
  }
}
