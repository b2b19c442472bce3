/** One line of progress for long work: overwritten on a terminal, repeated now and then elsewhere. */
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** `total` may be unknown. */
  at(done: number, total?: number): void;
  end(): void;
}

export interface ProgressOptions {
  readonly label: string;
  readonly unit: 'bytes' | 'entries' | 'tiles';
  readonly now?: () => number;
}

const LIVE_MS = 100;
const LINE_MS = 5000;
const BAR = 24;

export function startProgress(terminal: Terminal, options: ProgressOptions): Progress {
  const now = options.now ?? Date.now;
  const started = now();
  let shown = started;
  let drawn = false;
  let last: readonly [number, number | undefined] = [0, undefined];
  const draw = (): void => {
    const line = lineOf(options, last, (now() - started) / 1000);
    terminal.error(terminal.live ? `\r\u001b[2K${line}` : `${line}\n`);
    drawn = true;
  };
  return {
    at: (done, total) => {
      last = [done, total];
      if (now() - shown < (terminal.live ? LIVE_MS : LINE_MS)) return;
      shown = now();
      draw();
    },
    // Work that was over before anything was shown stays silent.
    end: () => {
      if (!drawn) return;
      draw();
      if (terminal.live) terminal.error('\n');
    },
  };
}

function lineOf(
  { label, unit }: ProgressOptions,
  [done, total]: readonly [number, number | undefined],
  elapsed: number,
): string {
  const amount = (value: number): string => (unit === 'bytes' ? sizeText(value) : `${value} ${unit}`);
  const rate = elapsed > 0 ? `${amount(Math.round(done / elapsed))}/s` : '';
  if (total === undefined || total === 0) return `${label} ${amount(done)} ${rate}`;
  const share = Math.min(done / total, 1);
  const bar = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░');
  return `${label} ${bar} ${String(Math.floor(share * 100)).padStart(3)} % of ${amount(total)} ${rate}`;
}

export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let step = 0;
  for (; value >= 1024 && step < units.length - 1; step++) value /= 1024;
  return `${step === 0 ? value : value.toFixed(1)} ${units[step] ?? ''}`;
}
