/**
 * The pull of a bundle with a 1 GiB item, gateway to gateway, against `openssl dgst -sm3` of the same file. Two gateway
 * processes; the times are those of the puller's own ledger, from `pull.opened` to `pull.completed`: every part and
 * the whole checked, synced, in the blob store.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { programRoot } from '../src/config.ts';
import { cast, TRANSFER_GROUP } from '../src/demo/cast.ts';
import { foundAlliance, type FoundedAlliance } from '../src/demo/found-alliance.ts';
import type { FoundedMember } from '../src/demo/found-member.ts';
import { lianzheng, startGateway, stopProcess, untilReady } from '../src/demo/processes.ts';
import type { SampleCase } from '../src/evidence/making/sample-case.ts';
import { openDatabase, type Database } from '../src/storage/database.ts';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import type { BenchResult } from './main.ts';

const ITEM_BYTES = 1024 ** 3;
const MIB = 1024 ** 2;
const WARM_UP_BYTES = 8 * MIB;
const CHUNK_BYTES = 8 * MIB;
const TIMEOUT_MS = 300_000;
const SCOPES = ['evidence:write', 'transfer:act', 'audit:read'];

export interface PartsResult extends BenchResult {
  /** Until every check of the container, SM3 manifest included, has been made as well. */
  readonly withVerification: number;
  /** Peak resident memory of the pulling process over what it had before, where the system tells. */
  readonly rssGrowthMiB: number | null;
}

export async function benchParts(): Promise<PartsResult> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-bench-'));
  const cluster = await startEmbeddedPostgres();
  const gateways: ChildProcess[] = [];
  try {
    const members = cast.filter(({ id }) => ['regulator-r', 'police-p'].includes(id));
    const alliance = await foundAlliance({ directory, cluster, members });
    const [holder, puller] = alliance.members as [FoundedMember, FoundedMember];
    for (const member of [holder, puller]) {
      const child = startGateway(member);
      gateways.push(child);
      await untilReady(member, child);
      await mintToken(member);
    }
    const transfer = async (bytes: number, before: () => Promise<void>): Promise<PullTimes> => {
      const file = join(directory, 'item.bin');
      await writeRandom(file, bytes);
      const packetId = await signedPacket(alliance, { holder, puller, file });
      await before();
      await lianzheng(['packet', 'transfer', packetId, '--to', puller.cast.id], { as: holder });
      return pullTimes(puller, packetId);
    };
    // A gateway that has worked before: what its code and first connections take is not the pull's.
    await transfer(WARM_UP_BYTES, () => Promise.resolve());
    let baseline = 0;
    let memory = (): Promise<number | null> => Promise.resolve(null);
    const times = await transfer(ITEM_BYTES, async () => {
      baseline = await sm3Rate(join(directory, 'item.bin'));
      memory = await watchMemory(gateways[1]?.pid);
    });
    const ours = ITEM_BYTES / MIB / times.stored;
    return {
      name: 'parts',
      ours,
      baseline,
      ratio: ours / baseline,
      unit: 'MiB/s',
      withVerification: ITEM_BYTES / MIB / times.verified,
      rssGrowthMiB: await memory(),
    };
  } finally {
    await Promise.all(gateways.map(stopProcess));
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function writeRandom(path: string, bytes: number): Promise<void> {
  const out = createWriteStream(path);
  for (let written = 0; written < bytes; written += CHUNK_BYTES) {
    if (!out.write(randomBytes(CHUNK_BYTES))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

async function signedPacket(
  alliance: FoundedAlliance,
  { holder, puller, file }: { holder: FoundedMember; puller: FoundedMember; file: string },
): Promise<string> {
  const sample = JSON.parse(
    await readFile(join(programRoot, 'samples', 'cases', 'case-01.json'), 'utf8'),
  ) as SampleCase;
  const [item] = sample.draft.items;
  const registered = alliance.registry.body.members.find(({ id }) => id === holder.cast.id);
  const draft = {
    ...sample.draft,
    group: TRANSFER_GROUP,
    receiver: puller.cast.id,
    items: [{ ...item, file }],
    forms: sample.draft.forms.filter(({ itemNo }) => itemNo === undefined || itemNo === item?.itemNo),
    signatories: holder.cast.people.map(({ name, roles }, at) => ({
      role: roles[0],
      name,
      x5t: registered?.signers[at]?.x5t,
    })),
  };
  const path = join(holder.directory, 'draft.json');
  await writeFile(path, JSON.stringify(draft));
  const { result } = await lianzheng(['packet', 'assemble', path], { as: holder });
  const packetId = String(result?.['packetId']);
  for (const { id } of holder.cast.people) {
    const person = join(holder.directory, 'people', id);
    const key = ['--p12', `${person}.p12`, '--password-file', `${person}.password`];
    await lianzheng(['packet', 'sign', packetId, ...key], { as: holder });
  }
  return packetId;
}

/** Seconds from the opening of the pull. */
interface PullTimes {
  readonly stored: number;
  readonly verified: number;
}

async function pullTimes(puller: FoundedMember, packetId: string): Promise<PullTimes> {
  const database = openDatabase({ url: puller.config.database.url, poolSize: 1 });
  try {
    for (const deadline = performance.now() + TIMEOUT_MS; performance.now() < deadline; await sleep(100)) {
      const at = await instants(database, packetId);
      if (at.has('packet.rejected') || at.has('pull.failed')) throw new Error('the pull failed');
      const [opened, completed, received] = ['pull.opened', 'pull.completed', 'packet.received'].map((kind) =>
        at.get(kind),
      );
      if (opened === undefined || completed === undefined || received === undefined) continue;
      return { stored: (completed - opened) / 1000, verified: (received - opened) / 1000 };
    }
    throw new Error('the pull took too long');
  } finally {
    await database.close();
  }
}

/** When each act about the packet was entered. */
async function instants(database: Database, packetId: string): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<{ body: string }>('SELECT body FROM ledger_entry ORDER BY seq');
  const entries = rows.map(
    ({ body }) => JSON.parse(body) as { kind: string; at: string; subject: { id: string } },
  );
  const about = entries.filter(({ subject }) => subject.id === packetId);
  return new Map(about.map(({ kind, at }) => [kind, Date.parse(at)]));
}

/** Median of three, in MiB a second. */
async function sm3Rate(file: string): Promise<number> {
  const runs: number[] = [];
  for (let run = 0; run < 3; run++) {
    const started = performance.now();
    const child = spawn('openssl', ['dgst', '-sm3', file], { stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number];
    if (code !== 0) throw new Error('openssl dgst -sm3 failed');
    runs.push(ITEM_BYTES / MIB / ((performance.now() - started) / 1000));
  }
  return runs.sort((a, b) => a - b)[1] as number;
}

/** Linux keeps the peak for us; it is set back first, so that only the pull counts. Null on other systems. */
async function watchMemory(pid: number | undefined): Promise<() => Promise<number | null>> {
  const mebibytes = async (field: string): Promise<number> => {
    const text = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1024;
  };
  try {
    await writeFile(`/proc/${pid}/clear_refs`, '5');
    const before = await mebibytes('VmRSS');
    return async () => Math.round((await mebibytes('VmHWM')) - before);
  } catch {
    return () => Promise.resolve(null);
  }
}

async function mintToken(member: FoundedMember): Promise<void> {
  const { issuer, audience } = member.config.memberPlane;
  const { result } = await lianzheng([
    'token',
    ...['--key', join(member.directory, 'issuer.jwk'), '--issuer', issuer, '--audience', audience],
    ...['--subject', `${member.cast.id}-user`, '--minutes', '60'],
    ...SCOPES.flatMap((scope) => ['--scope', scope]),
  ]);
  await writeFile(join(member.directory, 'token'), String(result?.['token']), { mode: 0o600 });
}
