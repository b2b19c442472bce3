/** What every event is told to: the log, the counters, the trace. */
import type { Counters } from '../metrics/counters.ts';
import type { Tracing } from '../tracing.ts';

export interface EventLogger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface Teller {
  readonly logger: EventLogger;
  readonly counters: Counters;
  readonly tracing: Pick<Tracing, 'record'>;
}

/** For log lines: tenths are enough. */
export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1e4) / 10;
}
