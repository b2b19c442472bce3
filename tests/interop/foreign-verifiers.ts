/** Verifiers of our ledgers that others' code does the work of; each made ready in a folder of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const sources = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export interface ForeignVerifier {
  readonly name: string;
  /** Builds or installs into `directory`, from the tool's package registry. Throws when the tool is missing. */
  readonly prepare: (directory: string) => Promise<Verify>;
}

/** Both take the same arguments and print the same lines. */
export type Verify = (args: readonly string[]) => Promise<Verdict>;

export interface Verdict {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const foreignVerifiers: readonly ForeignVerifier[] = [
  {
    name: 'Go, golang.org/x/mod/sumdb',
    prepare: async (directory) => {
      await need('go', ['version']);
      const program = join(directory, 'ledger-go');
      // -mod=readonly: what go.sum does not name is not built.
      const build = ['build', '-mod=readonly', '-buildvcs=false', '-o', program, '.'];
      await run('go', build, { cwd: sources('ledger-go') });
      return (args) => verdictOf(program, args);
    },
  },
  {
    name: 'Python, cryptography',
    prepare: async (directory) => {
      await need('python3', ['--version']);
      const venv = join(directory, 'venv');
      const requirements = sources('ledger_python/requirements.txt');
      await run('python3', ['-m', 'venv', venv]);
      await run(join(venv, 'bin', 'pip'), ['install', '--quiet', '--requirement', requirements]);
      const program = sources('ledger_python/verify_ledger.py');
      return (args) => verdictOf(join(venv, 'bin', 'python'), ['-B', program, ...args]);
    },
  },
];

async function need(tool: string, args: readonly string[]): Promise<void> {
  await run(tool, args).catch((cause: unknown) => {
    throw new Error(`this test needs ${tool} on the PATH; \`${tool} ${args.join(' ')}\` failed`, { cause });
  });
}

async function verdictOf(program: string, args: readonly string[]): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    execFile(program, args, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
      else reject(new Error(`cannot run ${program}`, { cause: error }));
    });
  });
}
