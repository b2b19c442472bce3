/** How long one delivery waits before it is tried again. */

const FIRST_MS = 500;
const LONGEST_MS = 5 * 60_000;

/** Doubles with each attempt; `random` in [0, 1) takes away up to half, so that retries spread. */
export function retryDelay(attempts: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20));
  return Math.round(full * (1 - random / 2));
}
