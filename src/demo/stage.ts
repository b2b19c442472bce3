/** The demo's stage: the founded alliance, its running gateways, and the tokens their users work with. */
import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../storage/embedded-postgres.ts';
import type { FoundedAlliance } from './found-alliance.ts';
import type { FoundedMember } from './found-member.ts';
import type { Narrator } from './narrator.ts';
import { accessOf, lianzheng, startGateway, stopProcess, untilReady } from './processes.ts';

export interface Stage {
  readonly directory: string;
  readonly alliance: FoundedAlliance;
  readonly narrator: Narrator;
  member(id: string): FoundedMember;
  /** GET on a member's API with its user's token. */
  get(member: FoundedMember, path: string): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

const SCOPES = [
  'features:write',
  'screen',
  'evidence:write',
  'evidence:release',
  'transfer:act',
  'erasure:act',
  'audit:read',
];
const FRESHNESS_MS = 60_000;

/** Starts all gateways, mints a token for each member's user, keeps the registry fresh. */
export async function openStage(
  alliance: FoundedAlliance,
  cluster: EmbeddedPostgres,
  narrator: Narrator,
): Promise<Stage> {
  const gateways: ChildProcess[] = [];
  const signer = setInterval(() => void alliance.refresh().catch(() => undefined), FRESHNESS_MS);
  const close = async (): Promise<void> => {
    clearInterval(signer);
    await Promise.all(gateways.map(stopProcess));
    await cluster.stop();
  };
  try {
    await Promise.all(
      alliance.members.map(async (member) => {
        const child = startGateway(member);
        gateways.push(child);
        await mintToken(member);
        await untilReady(member, child);
      }),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    directory: alliance.directory,
    alliance,
    narrator,
    member: (id) => memberOf(alliance, id),
    get,
    close,
  };
}

/** Polls until `done` returns something; the step fails with `what` after the time. */
export async function until<T>(
  what: string,
  done: () => Promise<T | undefined>,
  timeoutMs = 120_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const result = await done();
    if (result !== undefined) return result;
    await sleep(150);
  }
  throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}`);
}

async function mintToken(member: FoundedMember): Promise<void> {
  const { issuer, audience } = member.config.memberPlane;
  const { result } = await lianzheng([
    'token',
    ...['--key', join(member.directory, 'issuer.jwk'), '--issuer', issuer, '--audience', audience],
    ...['--subject', `${member.cast.id}-user`, '--minutes', '720'],
    ...SCOPES.flatMap((scope) => ['--scope', scope]),
  ]);
  await writeFile(join(member.directory, 'token'), String(result?.['token']), { mode: 0o600 });
}

async function get(member: FoundedMember, path: string): Promise<Readonly<Record<string, unknown>>> {
  const access = accessOf(member);
  const token = await readFile(access['LIANZHENG_TOKEN_FILE'] ?? '', 'utf8');
  const answer = await fetch(`${access['LIANZHENG_URL'] ?? ''}${path}`, {
    headers: { authorization: `Bearer ${token.trim()}` },
  });
  const body = (await answer.json()) as Readonly<Record<string, unknown>>;
  if (!answer.ok)
    throw new Error(`${member.cast.id} ${path} answered ${answer.status}: ${JSON.stringify(body)}`);
  return body;
}

function memberOf(alliance: FoundedAlliance, id: string): FoundedMember {
  const found = alliance.members.find((member) => member.cast.id === id);
  if (found === undefined) throw new Error(`no member ${id}`);
  return found;
}
