/** Least speed of bodies that callers send and of answers that they take: who trickles holds nothing for ever. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DenseSet, type Seated } from '../../core/dense-set.ts';

export interface PaceLimits {
  readonly minBytesPerSecond: number;
  /** Each such stretch of time is judged by itself; within the first nobody is. */
  readonly paceGraceMs: number;
}

export interface SlowSteps {
  /** Called once when the transfer has taken a moment: what it holds may be lent to others meanwhile. */
  readonly onLong?: (() => void) | undefined;
  /** Called once, when it was too slow for a whole stretch. */
  readonly onTooSlow: () => void;
}

interface Transfer extends SlowSteps, Seated {
  /** Bytes so far. */
  readonly moved: () => number;
  /** Whether the other end is awaited now; otherwise the delay is ours. */
  readonly awaited: () => boolean;
  readonly begun: number;
  from: number;
  since: number;
  long: boolean;
}

const SWEEP_MS = 250;
/** The kernel takes an answer of this size whether its reader reads or not. */
const SMALL_ANSWER = 16 * 1024;

/** One timer looks at all transfers: a fast one costs a seat among them. */
export class Pace {
  readonly #limits: PaceLimits;
  readonly #transfers = new DenseSet<Transfer>();
  readonly #timer: NodeJS.Timeout;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
    this.#timer = setInterval(() => this.#sweep(Date.now()), SWEEP_MS).unref();
  }

  /** From the first wish to read the body on; call what it returns when the body is read or given up. */
  reading(request: IncomingMessage, steps: SlowSteps): () => void {
    const { socket } = request;
    // Bytes that lie here unread are our delay, not the sender's.
    const awaited = (): boolean => !request.complete && request.readableLength === 0;
    return this.#watch(steps, awaited, () => socket.bytesRead);
  }

  /** Until the kernel has all. An answer whose head says that it is small needs no watch: its socket's time-out does. */
  writing(response: ServerResponse, steps: SlowSteps): void {
    const { socket } = response;
    const length = Number(response.getHeader('content-length') ?? Infinity);
    if (socket === null || response.writableFinished || response.destroyed || length <= SMALL_ANSWER) return;
    const awaited = (): boolean => socket.writableLength > 0;
    // What waits in the socket counts as written, but nobody has taken it.
    const moved = (): number => socket.bytesWritten - socket.writableLength;
    response.once('close', this.#watch(steps, awaited, moved));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #watch(steps: SlowSteps, awaited: () => boolean, moved: () => number): () => void {
    const now = Date.now();
    const { onTooSlow, onLong } = steps;
    const transfer = {
      onTooSlow,
      onLong,
      awaited,
      moved,
      begun: now,
      since: now,
      from: moved(),
      long: false,
      seat: -1,
    };
    this.#transfers.add(transfer);
    return () => this.#transfers.remove(transfer);
  }

  #sweep(now: number): void {
    for (const transfer of this.#transfers) {
      if (!transfer.long && now - transfer.begun >= SWEEP_MS) {
        transfer.long = true;
        transfer.onLong?.();
      }
      this.#judge(transfer, now);
    }
  }

  #judge(transfer: Transfer, now: number): void {
    const { minBytesPerSecond, paceGraceMs } = this.#limits;
    const stretch = now - transfer.since;
    const awaited = transfer.awaited();
    if (awaited && stretch < paceGraceMs) return;
    const moved = transfer.moved();
    if (awaited && ((moved - transfer.from) * 1000) / stretch < minBytesPerSecond) {
      this.#transfers.remove(transfer);
      transfer.onTooSlow();
      return;
    }
    transfer.from = moved;
    transfer.since = now;
  }
}
