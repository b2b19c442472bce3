/** UUIDv7 by the hundred: the random part counts up from a random start (RFC 9562 section 6.2, method 2). */
import { newId } from '../../core/ids.ts';

/** All but the last three hex digits. */
const PREFIX = 33;
const COUNTER_STEPS = 0x1000;

export class IdSequence {
  #prefix = '';
  #next = COUNTER_STEPS;

  /** Every 4,096th id has a new time and new randomness; between them the last twelve bits count. */
  next(): string {
    if (this.#next === COUNTER_STEPS) {
      this.#prefix = newId().slice(0, PREFIX);
      this.#next = 0;
    }
    const id = this.#prefix + this.#next.toString(16).padStart(3, '0');
    this.#next += 1;
    return id;
  }
}
