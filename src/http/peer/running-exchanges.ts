/** Exchanges under way: one whose caller loses its standing is broken off, whether its body or its answer is on the way. */
import type { ServerResponse } from 'node:http';
import { DenseSet, type Seated } from '../../core/dense-set.ts';

interface Running extends Seated {
  readonly response: ServerResponse;
  /** Throws when the exchange may not go on by the registry of now. */
  demand: () => void;
}

export interface RunningExchange {
  /** What the answer's content demands beside: of a part, that its offer still stands. */
  alsoDemand(standing: () => void): void;
  end(): void;
}

export class RunningExchanges {
  readonly #running = new DenseSet<Running>();

  start(response: ServerResponse, demand: () => void): RunningExchange {
    const running: Running = { response, demand, seat: -1 };
    this.#running.add(running);
    return {
      alsoDemand: (standing) => {
        running.demand = () => {
          demand();
          standing();
        };
      },
      end: () => this.#running.remove(running),
    };
  }

  /** To be called at each registry change, and each second: certificates and keys end by the clock too. */
  judge(): void {
    for (const { response, demand } of this.#running) {
      try {
        demand();
      } catch {
        response.destroy();
      }
    }
  }
}
