/** Callers that wait for their entries, by key, each with a time-out. */
import { GatewayError } from '../../core/errors.ts';
import type { SettledEntry } from '../ledger.ts';

interface Waiter {
  resolve(entry: SettledEntry): void;
  reject(error: Error): void;
}

export class Waiters {
  readonly #byKey = new Map<string, Set<Waiter>>();

  get size(): number {
    return this.#byKey.size;
  }

  keys(): Buffer[] {
    return [...this.#byKey.keys()].map((key) => Buffer.from(key, 'hex'));
  }

  has(key: Buffer): boolean {
    return this.#byKey.has(key.toString('hex'));
  }

  wait(key: Buffer, timeoutMs: number): Promise<SettledEntry> {
    const name = key.toString('hex');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#remove(name, waiter);
        reject(new GatewayError('ledger.unavailable', `entry was not confirmed within ${timeoutMs} ms`));
      }, timeoutMs);
      const waiter: Waiter = {
        resolve: (entry) => resolve((clearTimeout(timer), entry)),
        reject: (error) => reject((clearTimeout(timer), error)),
      };
      const others = this.#byKey.get(name);
      if (others === undefined) this.#byKey.set(name, new Set([waiter]));
      else others.add(waiter);
    });
  }

  release(key: Buffer, entry: SettledEntry): void {
    const name = key.toString('hex');
    const waiters = this.#byKey.get(name);
    if (waiters === undefined) return;
    for (const waiter of waiters) waiter.resolve(entry);
    this.#byKey.delete(name);
    // A table that the map outgrows may hold this set for long: not what waited in it too (decision 28).
    waiters.clear();
  }

  rejectAll(error: Error): void {
    for (const waiters of this.#byKey.values()) for (const waiter of waiters) waiter.reject(error);
    this.#byKey.clear();
  }

  #remove(name: string, waiter: Waiter): void {
    const waiters = this.#byKey.get(name);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#byKey.delete(name);
  }
}
