/** The gateway's log: lines leave together, but those that somebody may have to act on leave at once. */
import { pino, type Logger } from 'pino';

/** A system call for each request's line is dear, and wakes whoever reads the log. */
const TOGETHER_BYTES = 8192;
/** What a killed process loses at most; nothing that the ledger does not hold. */
const LATEST_MS = 100;
const WARN = 40;

export interface LogSettings {
  readonly level: string;
  /** Stands in every line. */
  readonly base: Readonly<Record<string, string>>;
}

export type LogOpener = (settings: LogSettings) => Logger;

/** One line of JSON an event on standard output, for all gateways of this process. */
export function openLog(): LogOpener {
  const out = pino.destination({ dest: 1, sync: true, minLength: TOGETHER_BYTES, periodicFlush: LATEST_MS });
  process.once('exit', () => {
    out.flushSync();
  });
  return ({ level, base }) =>
    pino(
      {
        level,
        base,
        hooks: {
          logMethod(line, write, weight) {
            write.apply(this, line);
            if (weight >= WARN) out.flush();
          },
        },
      },
      out,
    );
}
