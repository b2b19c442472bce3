/** Child processes of the demo: the five gateways, and the CLI as a user would call it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programRoot } from '../config.ts';
import type { FoundedMember } from './found-member.ts';

const PROGRAM = join(programRoot, 'bin', 'lianzheng.mjs');
/** As deploy/ starts a gateway: room for young objects, so that a message under way is seldom copied (decision 28). */
export const SERVE_FLAGS: readonly string[] = ['--max-semi-space-size=64'];
const READY_MS = 60_000;
const STOP_MS = 30_000;

export interface CliResult {
  readonly code: number;
  /** The last line of standard output as JSON; null when there was none. */
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly output: string;
  readonly errors: string;
}

export interface CliOptions {
  /** Member whose API is called: sets LIANZHENG_URL and LIANZHENG_TOKEN_FILE. */
  readonly as?: FoundedMember;
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes that are expected; default only 0. */
  readonly expect?: readonly number[];
}

/** Runs `lianzheng ARGUMENTS --json`. Throws with the program's own words on an unexpected exit code. */
export async function lianzheng(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [PROGRAM, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(options.as === undefined ? {} : accessOf(options.as)),
      ...options.environment,
    },
  });
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exitOf(child)]);
  if (!(options.expect ?? [0]).includes(code)) {
    throw new Error(`lianzheng ${args.join(' ')} ended with ${code}: ${errors.trim() || output.trim()}`);
  }
  return { code, output, errors, result: lastJson(output) };
}

export function accessOf(member: FoundedMember): Record<string, string> {
  const { host, port } = member.config.memberPlane;
  return {
    LIANZHENG_URL: `http://${host}:${port}`,
    LIANZHENG_TOKEN_FILE: join(member.directory, 'token'),
  };
}

/** Starts a gateway; its log goes to gateway.log beside its configuration. */
export function startGateway(member: FoundedMember): ChildProcess {
  const log = createWriteStream(join(member.directory, 'gateway.log'), { flags: 'a' });
  const child = spawn(process.execPath, [...SERVE_FLAGS, PROGRAM, 'serve', '--config', member.configPath], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A terminal's Ctrl-C goes to the demo, which stops the gateways in order.
    detached: true,
    env: { ...process.env, LIANZHENG_STOP_WITH_STDIN: '1' },
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  return child;
}

/** Resolves when `GET /v1/health` says ready. */
export async function untilReady(member: FoundedMember, child: ChildProcess): Promise<void> {
  const { host, port } = member.config.memberPlane;
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(
        `gateway ${member.cast.id} ended at start; see ${join(member.directory, 'gateway.log')}`,
      );
    const answer = await fetch(`http://${host}:${port}/v1/health`).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error(
    `gateway ${member.cast.id} was not ready in time; see ${join(member.directory, 'gateway.log')}`,
  );
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(force);
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 2));
  });
}

function lastJson(output: string): Readonly<Record<string, unknown>> | null {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}
