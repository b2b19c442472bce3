/** Tells the demo's story on standard error, with times, so that standard output stays free for --json. */
import { performance } from 'node:perf_hooks';

export interface Narrator {
  /** A numbered step; what it did is told by `say` inside it. Its time is kept in `timings` under `name`. */
  step<T>(name: string, title: string, work: () => Promise<T>): Promise<T>;
  say(line: string): void;
  /** Milliseconds by step name. */
  readonly timings: Readonly<Record<string, number>>;
}

export function createNarrator(write: (text: string) => void): Narrator {
  const timings: Record<string, number> = {};
  return {
    timings,
    say: (line) => write(`   ${line}\n`),
    step: async (name, title, work) => {
      write(`\n── ${title}\n`);
      const started = performance.now();
      try {
        const result = await work();
        timings[name] = Math.round(performance.now() - started);
        write(`   ✓ ${seconds(timings[name])}\n`);
        return result;
      } catch (error) {
        write(`   ✗ step '${name}' failed after ${seconds(performance.now() - started)}\n`);
        throw error;
      }
    },
  };
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
}
