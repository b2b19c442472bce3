/** Which set runs, and from which seed: `LIANZHENG_FAULTS=short` is what CI has time for. */
import { randomInt } from 'node:crypto';
import Mocha from 'mocha';

const isShort = process.env['LIANZHENG_FAULTS'] === 'short';

/**
 * `it` of an experiment that only the full set has. Looked up at each call: mocha makes an `it` for each file, and one
 * that is kept files the tests of all others under the file that was loaded first.
 */
export function itInFull(title: string, act: (this: Mocha.Context) => Promise<void>): void {
  if (isShort) it.skip(title, act);
  else it(title, act);
}

/** Skips the test, or all tests of the suite whose hook this is; the page prints the reason. */
export function skipBecause(context: Mocha.Context, reason: string): never {
  const running = context.test;
  const skipped: object | undefined = running instanceof Mocha.Hook ? running.parent : running;
  if (skipped !== undefined) Object.assign(skipped, { skipReason: reason });
  process.stdout.write(`    skipped: ${reason}\n`);
  return context.skip();
}

/** A figure of the experiment: the one of the full set, or the smaller one of the short set. */
export function times(full: number, short: number): number {
  return isShort ? short : full;
}

/** Hangs on the global object: mocha may load this file as two modules. */
const run = globalThis as { lianzhengFaultSeed?: number };

/** Of the whole run: from `LIANZHENG_SEED`, or drawn and printed, so that a schedule that failed can be run again. */
export function seed(): number {
  run.lianzhengFaultSeed ??= announced(Number(process.env['LIANZHENG_SEED'] ?? randomInt(2 ** 31)));
  return run.lianzhengFaultSeed;
}

function announced(value: number): number {
  process.stdout.write(`    fault schedules from LIANZHENG_SEED=${value}\n`);
  return value;
}

/** Numbers in [0, 1), the same for the same seed and purpose (mulberry32). */
export function randomOf(purpose: string): () => number {
  let state = Buffer.from(purpose).reduce((sum, byte) => Math.imul(sum, 31) + byte, seed());
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
