/** The lanes of the delivery worker: one for each peer, with its circuit; what is down there delays nobody here. */
import type { Clock } from '../../core/clock.ts';
import type { MemberId } from '../../core/ids.ts';
import type { RegistryView } from '../registry/registry-view.ts';
import { createCircuit, type Circuit, type CircuitState } from './circuit.ts';

/** One peer's calls. */
export interface Lane {
  readonly peer: MemberId;
  readonly circuit: Circuit;
  running: number;
}

export interface PeerCircuit extends CircuitState {
  readonly peer: MemberId;
}

/** As many lanes as the registry has members: nothing here grows with the queue. */
export class Lanes {
  readonly #clock: Clock;
  readonly #lanes = new Map<MemberId, Lane>();
  readonly #gateways = new Map<MemberId, string>();
  #serial = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(peer: MemberId): Lane {
    const known = this.#lanes.get(peer);
    if (known !== undefined) return known;
    const lane = { peer, circuit: createCircuit(this.#clock()), running: 0 };
    this.#lanes.set(peer, lane);
    return lane;
  }

  /** Ends the pause of a peer that is said to be back; false when there is none. */
  wake(peer: MemberId): boolean {
    const lane = this.#lanes.get(peer);
    const now = this.#clock();
    if (lane === undefined || lane.circuit.state(now).state === 'closed') return false;
    lane.circuit.wake(now);
    return true;
  }

  /** Members whose authority or certificates the registry has changed since the last look. */
  moved({ serial, body }: RegistryView): readonly MemberId[] {
    if (serial === this.#serial) return [];
    this.#serial = serial;
    const moved: MemberId[] = [];
    for (const { id, gateways } of body.members) {
      const now = JSON.stringify(gateways);
      const before = this.#gateways.get(id);
      if (before !== undefined && before !== now) moved.push(id);
      this.#gateways.set(id, now);
    }
    return moved;
  }

  circuits(): readonly PeerCircuit[] {
    const now = this.#clock();
    return [...this.#lanes.values()].map(({ peer, circuit }) => ({ peer, ...circuit.state(now) }));
  }
}
