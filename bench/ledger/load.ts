/** 64 lanes that each do one act after the other, and what a load process answers its parent. */
import { performance } from 'node:perf_hooks';

export const LANES = 64;

/** `own`: a transaction for each act; otherwise those that come together share one. */
export type LoadCommand = { readonly measure: number; readonly own?: boolean } | { readonly grow: number };

export interface LoadRun {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p95: number;
}

export async function runLanes(count: number, act: (lane: number) => Promise<void>): Promise<LoadRun> {
  const times: number[] = [];
  let left = count;
  const lane = async (number: number): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const started = performance.now();
      await act(number);
      times.push(performance.now() - started);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  const perSecond = (count / (performance.now() - started)) * 1000;
  times.sort((a, b) => a - b);
  return { perSecond, p95: times[Math.floor(times.length * 0.95)] ?? NaN };
}

/** Answers the parent's commands one at a time; ends with an exit code when one fails. */
export function serveLoad(answer: (command: LoadCommand) => Promise<LoadRun>): void {
  process.on('message', (command: LoadCommand) => {
    answer(command).then(
      (run) => process.send?.(run),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
}
