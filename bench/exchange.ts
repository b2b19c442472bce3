/**
 * The receiver's speed: pre-signed messages, every check, logged, signed answers, at 32 connections, against a bare
 * Express server with mutual TLS that inserts the same body into one table. Both run as processes of their own on the
 * same PostgreSQL; runs alternate and the medians count.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { cast } from '../src/demo/cast.ts';
import { foundAlliance } from '../src/demo/found-alliance.ts';
import type { FoundedMember } from '../src/demo/found-member.ts';
import { SERVE_FLAGS, startGateway, stopProcess, untilReady } from '../src/demo/processes.ts';
import { freePort, startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import type { BenchResult } from './main.ts';
import { createSigner, type SignedMessage } from './signed-messages.ts';

const CONNECTIONS = 32;
const ROUNDS = 3;
const WARM_UP = 4000;
const REQUESTS = 4000;

interface Run {
  readonly perSecond: number;
  readonly p99: number;
}

export async function benchExchange(): Promise<
  BenchResult & { readonly p99: number; readonly baselineP99: number }
> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-bench-'));
  const cluster = await startEmbeddedPostgres();
  const children: ChildProcess[] = [];
  try {
    const members = cast
      .filter(({ id }) => ['bank-a', 'insurer-b'].includes(id))
      .map((member) => ({ ...member, people: [] }));
    const alliance = await foundAlliance({ directory, cluster, members });
    const [sender, receiver] = alliance.members as [FoundedMember, FoundedMember];
    const gateway = startGateway(receiver);
    children.push(gateway);
    await untilReady(receiver, gateway);
    const barePort = await freePort();
    children.push(await startBare(receiver, cluster.url(), barePort));
    const signer = await createSigner(alliance, sender, receiver);
    const ours: Run[] = [];
    const bare: Run[] = [];
    await measure(sender, receiver.config.peer.authority, await signer(WARM_UP));
    await measure(sender, `127.0.0.1:${barePort}`, await signer(WARM_UP));
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await measure(sender, receiver.config.peer.authority, await signer(REQUESTS)));
      bare.push(await measure(sender, `127.0.0.1:${barePort}`, await signer(REQUESTS)));
      process.stderr.write(
        `exchange ${round + 1}/${ROUNDS}: ${ours[round]!.perSecond.toFixed(0)} against ${bare[round]!.perSecond.toFixed(0)} requests/s, p99 ${ours[round]!.p99.toFixed(0)} ms\n`,
      );
    }
    const figures = { ours: median(ours, 'perSecond'), baseline: median(bare, 'perSecond') };
    return {
      name: 'exchange',
      ...figures,
      ratio: figures.ours / figures.baseline,
      unit: 'requests/s',
      p99: median(ours, 'p99'),
      baselineP99: median(bare, 'p99'),
    };
  } finally {
    for (const child of children) await stopProcess(child);
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Every request once, over 32 connections. Throws when one is not answered 200. */
async function measure(sender: FoundedMember, authority: string, requests: SignedMessage[]): Promise<Run> {
  const [key, cert, ca] = await Promise.all(
    ['tls.key', 'tls.crt', '../../alliance/ca.crt'].map((name) => readFile(join(sender.directory, name))),
  );
  const connect = { key, cert, ca, servername: 'localhost', minVersion: 'TLSv1.3' } as never;
  const pool = new Pool(`https://${authority}`, { connections: CONNECTIONS, pipelining: 1, connect });
  const times: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let one = requests[next++]; one !== undefined; one = requests[next++]) {
      const started = performance.now();
      const answer = await pool.request({
        method: 'POST',
        path: '/x/v1/messages',
        headers: one.headers,
        body: one.body,
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}: ${text.slice(0, 400)}`);
      times.push(performance.now() - started);
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  const elapsed = performance.now() - started;
  await pool.close();
  times.sort((a, b) => a - b);
  return { perSecond: (requests.length / elapsed) * 1000, p99: times[Math.floor(times.length * 0.99)] ?? 0 };
}

async function startBare(receiver: FoundedMember, url: string, port: number): Promise<ChildProcess> {
  const settings = join(receiver.directory, 'bare.json');
  const file = (name: string): string => join(receiver.directory, name);
  await writeFile(
    settings,
    JSON.stringify({
      url,
      port,
      key: file('tls.key'),
      cert: file('tls.crt'),
      ca: file('../../alliance/ca.crt'),
    }),
  );
  const child = spawn(
    process.execPath,
    [...SERVE_FLAGS, fileURLToPath(new URL('./bare-server.mjs', import.meta.url)), settings],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the bare server ended')));
    child.stdout.once('data', resolve);
  });
  return child;
}

function median(runs: readonly Run[], name: keyof Run): number {
  return runs.map((run) => run[name]).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? 0;
}
