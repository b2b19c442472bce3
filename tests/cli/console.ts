/** Runs the program in this process and keeps what it wrote. */
import { fileURLToPath } from 'node:url';
import { buildProgram } from '../../src/cli/program.ts';
import type { ProgramHooks } from '../../src/cli/hooks.ts';
import { loadSchemas } from '../../src/wire/schema-registry.ts';

const schemas = loadSchemas(fileURLToPath(new URL('../../schemas', import.meta.url)));

/** Whatever JSON holds: assertions say what it must be. */
export type Loose = ReturnType<typeof JSON.parse>;

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The last line of standard output, as JSON. */
  readonly json: Loose;
}

const closed = (): Promise<never> => Promise.reject(new Error('this test opens no such hook'));
export const hooks: ProgramHooks = {
  version: '0.0.0',
  schemas: () => schemas,
  serve: closed,
  migrate: closed,
  demo: closed,
  makeNextLedgerKey: closed,
  makeNext: closed,
  examine: closed,
  registryEvidence: closed,
  resolveRegistry: closed,
  ownLedger: closed,
  peerLedger: closed,
  followLedgers: closed,
  diagnose: closed,
};

export async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  other: Partial<ProgramHooks> = {},
): Promise<Run> {
  const written = { out: '', err: '' };
  const terminal = {
    out: (text: string) => void (written.out += text),
    error: (text: string) => void (written.err += text),
    live: false,
  };
  const code = await buildProgram({ ...hooks, ...other }, { terminal, environment }).run(args);
  return { code, ...written, json: lastJson(written.out) };
}

function lastJson(out: string): Loose {
  try {
    return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return {};
  }
}
