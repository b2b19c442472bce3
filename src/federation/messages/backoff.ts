/** How long to wait: for one delivery by its attempts, for a whole peer by its failures. */

const FIRST_MS = 500;
const LONGEST_MS = 5 * 60_000;
const FAILURES_TO_OPEN = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Doubles with each attempt; `random` in [0, 1) takes away up to half, so that retries spread. */
export function retryDelay(attempts: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20));
  return Math.round(full * (1 - random / 2));
}

/** Stops calling a peer that fails again and again; after each pause one call may try. */
export interface Circuit {
  /** How many calls may run at once now: 0 while open, 1 for the trial, `most` while closed. */
  allowance(now: Date, most: number): number;
  /** Whether the peer is left alone for now. */
  isOpen(now: Date): boolean;
  succeeded(): void;
  failed(now: Date): void;
}

export function createCircuit(): Circuit {
  let failures = 0;
  let openUntil = 0;
  return {
    allowance: (now, most) => {
      if (failures < FAILURES_TO_OPEN) return most;
      return now.getTime() < openUntil ? 0 : 1;
    },
    isOpen: (now) => failures >= FAILURES_TO_OPEN && now.getTime() < openUntil,
    succeeded: () => {
      failures = 0;
    },
    failed: (now) => {
      failures += 1;
      const pauses = Math.min(failures - FAILURES_TO_OPEN, 20);
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** pauses);
      if (failures >= FAILURES_TO_OPEN) openUntil = now.getTime() + pause;
    },
  };
}
