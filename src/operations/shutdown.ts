/** How a gateway ends: what takes work stops together, then what it worked with closes, last opened first. */

type Close = () => unknown;

export class Shutdown {
  readonly #together: Close[] = [];
  readonly #after: Close[] = [];
  readonly #onError: (error: unknown) => void;
  #stopping = false;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Readiness is red, and answers ask their callers to connect elsewhere. */
  get stopping(): boolean {
    return this.#stopping;
  }

  announce(): void {
    this.#stopping = true;
  }

  /** Listeners and workers: the longest of them decides how long this takes, not their sum. */
  readonly together = <T>(resource: T, close: (resource: T) => unknown): T => {
    this.#together.push(() => close(resource));
    return resource;
  };

  /** What requests and workers need while they end. */
  readonly after = <T>(resource: T, close: (resource: T) => unknown): T => {
    this.#after.push(() => close(resource));
    return resource;
  };

  /** Closes everything once; one that fails keeps no other from closing. */
  async run(): Promise<void> {
    this.announce();
    await Promise.all(this.#together.splice(0).map((close) => this.#attempt(close)));
    for (const close of this.#after.splice(0).reverse()) await this.#attempt(close);
  }

  async #attempt(close: Close): Promise<void> {
    try {
      await close();
    } catch (error) {
      this.#onError(error);
    }
  }
}
