/**
 * Places for requests that are worked on. When all are taken, each member waits in a line of its own and the lines
 * take turns, weighted by bytes: start-time fair queueing (Goyal, Vin, Cheng 1996).
 */
import { GatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';

export interface QueueLimits {
  /** Requests of all members that are worked on at one time. */
  readonly concurrency: number;
  /** Of one member; fewer than `concurrency`, so that a member whose requests take long leaves places free. */
  readonly memberConcurrency: number;
  readonly queuePerMember: number;
  readonly queueWaitMs: number;
  /** Announced bytes of all bodies that are being read or worked on. */
  readonly bodyBytesInFlight: number;
}

export interface Place {
  /** Lends the place to others while the caller's bytes are awaited; they stay counted. */
  lend(): void;
  /** Takes it back, at once: what has come in is not made to wait again. */
  takeBack(): void;
  /** For good. */
  leave(): void;
}

export interface Applicant {
  readonly member: MemberId;
  readonly bytes: number;
  /** Whether nobody is left to answer. */
  readonly gone?: () => boolean;
}

interface Lane {
  running: number;
  /** Virtual time at which its next request would start. */
  start: number;
  readonly waiting: Waiting[];
}

interface Waiting extends Applicant {
  readonly lane: Lane;
  readonly admit: (place: Place) => void;
  readonly timer: NodeJS.Timeout;
}

/** Work that a request costs beside its bytes, in bytes. */
const REQUEST_COST = 4096;

export class FairQueue {
  readonly #limits: QueueLimits;
  /** One for each member of the registry that ever called: no more than it lists. */
  readonly #lanes = new Map<MemberId, Lane>();
  #running = 0;
  #bytes = 0;
  #waiting = 0;
  #virtual = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Throws `exchange.overloaded` when the member's line is full or no place came free in time. */
  enter(applicant: Applicant): Place | Promise<Place> {
    const lane = this.#laneOf(applicant.member);
    if (this.#waiting === 0 && this.#fits(lane, applicant.bytes)) return this.#admit(lane, applicant.bytes);
    if (lane.waiting.length >= this.#limits.queuePerMember) throw overloaded();
    return this.#wait(applicant, lane);
  }

  #wait(applicant: Applicant, lane: Lane): Promise<Place> {
    return new Promise((admit, reject) => {
      const timer = setTimeout(() => {
        lane.waiting.splice(lane.waiting.indexOf(waiting), 1);
        this.#waiting -= 1;
        reject(overloaded());
      }, this.#limits.queueWaitMs);
      const waiting = { ...applicant, lane, admit, timer };
      lane.waiting.push(waiting);
      this.#waiting += 1;
      // A place may be free although others wait: those of members that have theirs.
      this.#serve();
    });
  }

  #serve(): void {
    while (this.#waiting > 0) {
      const lane = this.#next();
      const first = lane?.waiting[0];
      if (lane === undefined || first === undefined || !this.#fits(lane, first.bytes)) return;
      lane.waiting.shift();
      this.#waiting -= 1;
      clearTimeout(first.timer);
      const place = this.#admit(lane, first.bytes);
      first.admit(place);
      if (first.gone?.() === true) place.leave();
    }
  }

  /** The line whose turn it is: the least served of those that may have another place. */
  #next(): Lane | undefined {
    let least: Lane | undefined;
    for (const lane of this.#lanes.values()) {
      if (lane.waiting.length === 0 || lane.running >= this.#limits.memberConcurrency) continue;
      if (least === undefined || lane.start < least.start) least = lane;
    }
    return least;
  }

  #fits(lane: Lane, bytes: number): boolean {
    const { concurrency, memberConcurrency, bodyBytesInFlight } = this.#limits;
    if (this.#running >= concurrency || lane.running >= memberConcurrency) return false;
    return this.#bytes + bytes <= bodyBytesInFlight;
  }

  #admit(lane: Lane, bytes: number): Place {
    this.#virtual = Math.max(this.#virtual, lane.start);
    lane.start = this.#virtual + REQUEST_COST + bytes;
    this.#bytes += bytes;
    this.#occupy(lane, 1);
    let held: 'held' | 'lent' | 'left' = 'held';
    const free = (next: 'lent' | 'left'): void => {
      const was = held;
      held = next;
      if (was === 'held') this.#occupy(lane, -1);
      if (next === 'left' && was !== 'left') this.#bytes -= bytes;
      this.#serve();
    };
    return {
      lend: () => (held === 'held' ? free('lent') : undefined),
      takeBack: () => {
        if (held !== 'lent') return;
        held = 'held';
        this.#occupy(lane, 1);
      },
      leave: () => (held === 'left' ? undefined : free('left')),
    };
  }

  #occupy(lane: Lane, places: 1 | -1): void {
    lane.running += places;
    this.#running += places;
  }

  #laneOf(member: MemberId): Lane {
    const known = this.#lanes.get(member);
    if (known !== undefined) return known;
    const lane: Lane = { running: 0, start: 0, waiting: [] };
    this.#lanes.set(member, lane);
    return lane;
  }
}

function overloaded(): GatewayError {
  return new GatewayError('exchange.overloaded', undefined, { facts: { retryAfterSeconds: 1 } });
}
