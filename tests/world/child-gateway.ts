/** A gateway in a process of its own, from the sources, as a supervisor would start it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { GatewayConfig } from '../../src/config.ts';
import { cast } from '../../src/demo/cast.ts';
import { foundAlliance, type FoundedAlliance } from '../../src/demo/found-alliance.ts';
import type { FoundedMember } from '../../src/demo/found-member.ts';
import { run } from '../cli/console.ts';
import { testCluster } from './database.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const SCOPES = 'features:write screen evidence:write transfer:act audit:read';

export interface ChildGateway {
  readonly process: ChildProcess;
  readonly url: string;
  /** Log lines so far. */
  readonly lines: Readonly<Record<string, unknown>>[];
  /** Exit code and the signal that ended it. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  untilReady(): Promise<void>;
}

export async function foundForChildren(members: readonly string[]): Promise<{
  readonly founded: FoundedAlliance;
  readonly remove: () => Promise<void>;
}> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-child-'));
  const founded = await foundAlliance({
    directory,
    cluster: await testCluster(),
    members: cast.filter(({ id }) => members.includes(id)).map((one) => ({ ...one, people: [] })),
    databasePrefix: `c${randomBytes(4).toString('hex')}_`,
  });
  return { founded, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Writes `change` into the member's configuration for good. */
export async function startChild(
  member: FoundedMember,
  change: Partial<GatewayConfig> = {},
  args: readonly string[] = [],
): Promise<ChildGateway> {
  const config = JSON.parse(await readFile(member.configPath, 'utf8')) as GatewayConfig;
  await writeFile(member.configPath, JSON.stringify({ ...config, ...change }));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', MAIN, 'serve', '--config', member.configPath, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as Record<string, unknown>);
  });
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  const { host, port } = config.memberPlane;
  const url = `http://${host}:${port}`;
  return { process: child, url, lines, ended, untilReady: () => untilReady(url, child) };
}

export async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600 && child.exitCode === null; tries += 1) {
    const answer = await fetch(`${url}/v1/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error('the child was not ready in time');
}

export async function tokenFor({ directory, configPath }: FoundedMember): Promise<string> {
  const key = join(directory, 'issuer.jwk');
  const order = ['--key', key, '--config', configPath, '--subject', 'clerk-1', '--scope', SCOPES];
  return (await run(['token', ...order, '--json'])).json.token;
}
