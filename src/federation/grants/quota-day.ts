/** The day of a quota: from 00:00 to 00:00 UTC, wherever the gateway stands. */
const DAY_MS = 86_400_000;

/** `YYYY-MM-DD`. */
export function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10);
}

/** When every count starts again. */
export function opensAt(now: Date): Date {
  return new Date((Math.floor(now.getTime() / DAY_MS) + 1) * DAY_MS);
}
