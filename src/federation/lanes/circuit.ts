/** The circuit of one peer: a peer that fails again and again is left alone, but for one probe after each pause. */

const FAILURES_TO_OPEN = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface CircuitState {
  /** `half-open`: the pause is over, one call may try. */
  readonly state: 'closed' | 'open' | 'half-open';
  /** When it was opened, or closed for the last time. */
  readonly since: Date;
  /** In a row. */
  readonly failures: number;
  /** Of the last failure since it was closed. */
  readonly code?: string;
  readonly probeAt?: Date;
}

export interface Circuit {
  /** How many calls may run at once now: 0 while open, 1 for the probe, `most` while closed. */
  allowance(now: Date, most: number): number;
  /** Whether that closed it. */
  succeeded(now: Date): boolean;
  failed(now: Date, code: string): void;
  /** The peer is said to be back: the pause ends, but no sooner than a second after the last failure. */
  wake(now: Date): void;
  state(now: Date): CircuitState;
}

export function createCircuit(createdAt: Date): Circuit {
  let failures = 0;
  let since = createdAt;
  let openUntil = 0;
  let lastFailure = 0;
  let code: string | undefined;
  const isClosed = (): boolean => failures < FAILURES_TO_OPEN;
  const nameAt = (now: Date): CircuitState['state'] => {
    if (isClosed()) return 'closed';
    return now.getTime() < openUntil ? 'open' : 'half-open';
  };
  return {
    allowance: (now, most) => ({ closed: most, open: 0, 'half-open': 1 })[nameAt(now)],
    succeeded: (now) => {
      const closes = !isClosed();
      if (closes) since = now;
      failures = 0;
      code = undefined;
      return closes;
    },
    failed: (now, why) => {
      // A call that was under way when it opened is no probe.
      if (nameAt(now) === 'open') return;
      if (failures === FAILURES_TO_OPEN - 1) since = now;
      failures += 1;
      code = why;
      lastFailure = now.getTime();
      if (!isClosed()) openUntil = lastFailure + pauseAfter(failures - FAILURES_TO_OPEN);
    },
    wake: (now) => {
      openUntil = Math.min(openUntil, Math.max(now.getTime(), lastFailure + FIRST_PAUSE_MS));
    },
    state: (now) => ({
      state: nameAt(now),
      since,
      failures,
      ...(code === undefined ? {} : { code }),
      ...(isClosed() ? {} : { probeAt: new Date(openUntil) }),
    }),
  };
}

function pauseAfter(probes: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(probes, 20));
}
