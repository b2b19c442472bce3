/** A clock that jumped ahead is believed only once it has stayed there: what it says is over may not be over yet. */
import type { Clock } from '../../core/clock.ts';

/**
 * Called at a steady pace. Returns milliseconds since 1970 that the wall clock has not been behind of for `calls` calls,
 * by the monotonic clock, which nobody can set; undefined until it has been called so often.
 */
export function believedTime(
  clock: Clock,
  calls: number,
  monotonic = (): number => performance.now(),
): () => number | undefined {
  const ahead: number[] = [];
  return () => {
    ahead.push(clock().getTime() - monotonic());
    if (ahead.length > calls) ahead.shift();
    return ahead.length < calls ? undefined : monotonic() + Math.min(...ahead);
  };
}
