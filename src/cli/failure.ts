/** The CLI's edge: an error becomes an exit code and words that say what to do. */
import { CommanderError } from 'commander';
import { GatewayError } from '../core/errors.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { ExitCode } from './cli.ts';

interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Commander has written its own words already, for help as for usage errors. */
export function reportFailure(error: unknown, terminal: Terminal, json: boolean): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const failure = failureOf(error);
  const { exitCode, ...shown } = failure;
  if (!(error instanceof CommanderError)) terminal.error(textOf(failure));
  if (json) terminal.out(`${JSON.stringify({ ok: false, error: shown })}\n`);
  return exitCode;
}

function failureOf(error: unknown): Failure {
  if (error instanceof GatewayError) {
    const { code, message, remedy, facts } = error;
    const exitCode = error.status < 500 ? 1 : 2;
    return { exitCode, code, message, remedy, ...(Object.keys(facts).length > 0 ? { facts } : {}) };
  }
  if (error instanceof Undecided) {
    const { code, message, remedy } = error;
    return { exitCode: 2, code, message: `could not be checked: ${message}`, remedy };
  }
  if (error instanceof CommanderError) return { exitCode: 2, code: 'usage', message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: 2, code: 'failed', message };
}

function textOf({ code, message, remedy, facts }: Failure): string {
  const lines = [`lianzheng: ${code}: ${message}`];
  if (remedy !== undefined) lines.push(`  what to do: ${remedy}`);
  if (facts !== undefined) lines.push(`  facts: ${JSON.stringify(facts)}`);
  return `${lines.join('\n')}\n`;
}

/** Wraps what keeps a verifier from judging at all: exit code 2, never 1. */
export function undecided(error: unknown): never {
  if (!(error instanceof GatewayError)) throw error;
  throw new Undecided(error);
}

class Undecided extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(cause: GatewayError) {
    super(cause.message, { cause });
    this.code = cause.code;
    this.remedy = cause.remedy;
  }
}
