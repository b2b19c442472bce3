/** Calls of a member's own systems, by its own token; tells what is known of a call from what came back. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mintToken } from '../../../src/cli/mint-token.ts';
import { importSigningKey } from '../../../src/wire/jws.ts';
import type { FaultWorld } from './fault-world.ts';
import type { Member } from './found-world.ts';
import type { Outcome } from './recorder.ts';

export interface ApiCall {
  readonly method?: 'GET' | 'POST';
  readonly body?: string | Buffer;
  readonly type?: string;
  readonly timeoutMs?: number;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const SCOPES = [
  'features:write',
  'screen',
  'evidence:write',
  'evidence:release',
  'transfer:act',
  'audit:read',
];
const LIFETIME_SECONDS = 7200;
const TIMEOUT_MS = 30_000;
const tokens = new WeakMap<FaultWorld, Map<Member, string>>();

export async function call(
  world: FaultWorld,
  member: Member,
  path: string,
  call: ApiCall = {},
): Promise<ApiAnswer> {
  const { method = 'GET', body, type = 'application/json', timeoutMs = TIMEOUT_MS } = call;
  const answer = await fetch(`${world.gateway(member).url}${path}`, {
    method,
    headers: { authorization: `Bearer ${await tokenOf(world, member)}`, 'content-type': type },
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    body: text.startsWith('{') ? (JSON.parse(text) as ApiAnswer['body']) : { text },
  };
}

/** 5xx may come after the effect; 4xx and a connection that was refused never do. */
export function outcomeOf({ status, body }: ApiAnswer): {
  readonly outcome: Outcome;
  readonly detail: string;
} {
  const { code } = body;
  const detail = typeof code === 'string' ? `${status} ${code}` : String(status);
  if (status < 300) return { outcome: 'ok', detail };
  return { outcome: status < 500 ? 'fail' : 'unknown', detail };
}

async function tokenOf(world: FaultWorld, member: Member): Promise<string> {
  const known = tokens.get(world) ?? new Map<Member, string>();
  tokens.set(world, known);
  const token = known.get(member) ?? (await mint(world, member));
  known.set(member, token);
  return token;
}

async function mint(world: FaultWorld, member: Member): Promise<string> {
  const { directory, config } = world.place(member);
  const key = await importSigningKey(
    JSON.parse(await readFile(join(directory, 'issuer.jwk'), 'utf8')) as never,
  );
  const { issuer, audience } = config.memberPlane;
  const claims = { issuer, audience, subject: 'workload', scopes: SCOPES, lifetimeSeconds: LIFETIME_SECONDS };
  return mintToken(key, claims, new Date());
}
