/** One run of the program: its hooks, its terminal, and how a command ends. */
import type { ProgramHooks } from './hooks.ts';
import type { Terminal } from './terminal/terminal.ts';

/** 0 valid or done, 1 invalid or refused, 2 could not do. */
export type ExitCode = 0 | 1 | 2;

export interface Outcome {
  readonly exitCode?: ExitCode;
  /** For programs: the last line of standard output under --json. */
  readonly json: object;
  /** For people. */
  readonly lines: readonly string[];
}

export interface Cli {
  readonly hooks: ProgramHooks;
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether --json was given. */
  json(): boolean;
  end(code: number): void;
}

/** Wraps a command's work: its outcome is shown and becomes the exit code. */
export function acting<Args extends readonly unknown[]>(
  cli: Cli,
  work: (...args: Args) => Promise<Outcome>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const outcome = await work(...args);
    const exitCode = outcome.exitCode ?? 0;
    cli.end(exitCode);
    if (cli.json()) cli.terminal.out(`${JSON.stringify({ ok: exitCode === 0, ...outcome.json })}\n`);
    else for (const line of outcome.lines) cli.terminal.out(`${line}\n`);
  };
}

/** Collects an option that may be given several times. */
export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The value when it is one of `allowed`; throws with the list otherwise. */
export function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new Error(`${option}: expected one of ${allowed.join(', ')}, got ${value}`);
  return found;
}
