/** One gateway under attack: two honest members and a third, each sending from a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cast } from '../../src/demo/cast.ts';
import { foundAlliance } from '../../src/demo/found-alliance.ts';
import type { FoundedMember } from '../../src/demo/found-member.ts';
import { startGateway, stopProcess, untilReady } from '../../src/demo/processes.ts';
import { startEmbeddedPostgres } from '../../src/storage/embedded-postgres.ts';
import type { SendOrder } from './sender.ts';
import { createSigner, type SignedMessage } from '../signed-messages.ts';

export interface Hostility {
  readonly authority: string;
  sign(from: Sender, count: number): Promise<SignedMessage[]>;
  identity(from: Sender): Promise<Identity>;
  /** A script of this folder as a process of its own; it takes orders as messages. */
  start(script: string): ChildProcess;
}

export type Sender = 'insurer-b' | 'police-p' | 'bank-a';

export interface Identity {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export const HONEST = ['insurer-b', 'police-p'] as const;
const RECEIVER = 'regulator-r';

/** `limits`: the receiver's `peer.limits`. */
export async function underAttack<T>(limits: object, work: (setting: Hostility) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-bench-'));
  const cluster = await startEmbeddedPostgres();
  const children: ChildProcess[] = [];
  try {
    const members = cast.filter(({ id }) => id !== 'auditor-d').map((one) => ({ ...one, people: [] }));
    const alliance = await foundAlliance({ directory, cluster, members, witnessed: false });
    const find = (id: string): FoundedMember =>
      alliance.members.find((member) => member.cast.id === id) as FoundedMember;
    const receiver = await withLimits(find(RECEIVER), limits);
    const gateway = startGateway(receiver);
    children.push(gateway);
    await untilReady(receiver, gateway);
    return await work({
      authority: receiver.config.peer.authority,
      sign: async (from, count) => (await createSigner(alliance, find(from), receiver))(count),
      identity: (from) => identityOf(find(from)),
      start: (script) => {
        const child = fork(fileURLToPath(new URL(script, import.meta.url)), {
          execArgv: ['--import', 'tsx'],
          serialization: 'advanced',
        });
        children.push(child);
        return child;
      },
    });
  } finally {
    for (const child of children) await stopProcess(child);
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function withLimits(member: FoundedMember, limits: object): Promise<FoundedMember> {
  const config = JSON.parse(await readFile(member.configPath, 'utf8'));
  config.peer.limits = limits;
  await writeFile(member.configPath, JSON.stringify(config), { mode: 0o600 });
  return member;
}

async function identityOf({ directory }: FoundedMember): Promise<Identity> {
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
  const [key, cert, ca] = await Promise.all(['tls.key', 'tls.crt', '../../alliance/ca.crt'].map(read));
  return { key: key ?? '', cert: cert ?? '', ca: ca ?? '' };
}

/** What a sender's process tells when it is done. */
export interface Sent {
  /** Milliseconds from when each request was due to the end of its answer; of accepted ones. */
  readonly times: readonly number[];
  /** How often each status came; 0: no answer. */
  readonly statuses: Readonly<Record<string, number>>;
}

export async function sentBy(child: ChildProcess, order: SendOrder): Promise<Sent> {
  child.send(order);
  const [sent] = (await once(child, 'message')) as [Sent];
  return sent;
}

export function p99(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
