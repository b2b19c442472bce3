/** A clock of a gateway that jumps and drifts while it runs: libfaketime below the whole process. */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';

export interface FalseClock {
  /** Of the process whose clock it is. */
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds ahead of the true time, and how fast it goes; false from now on. */
  set(ahead: number, rate?: number): void;
}

const LIBRARIES = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .concat('/usr/lib/faketime/libfaketimeMT.so.1', '/usr/lib64/faketime/libfaketimeMT.so.1');

/** Undefined where libfaketime is not installed (Debian: `apt-get install libfaketime`). */
export function falseClock(): FalseClock | undefined {
  const library = LIBRARIES.find((path) => existsSync(path));
  if (library === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'lianzheng-clock-'));
  atExit(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'faketime');
  const set = (ahead: number, rate = 1): void => {
    // A rate that is left out stays what it was.
    writeFileSync(`${file}.new`, `${ahead < 0 ? '' : '+'}${ahead} x${rate}\n`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    set,
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      // Timers go by the monotonic clock, which no operator can set.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
  };
}
