/** The one source of wall-clock time; tests and rehearsals hand in another. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** POSIX seconds, rounded down. */
export function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
