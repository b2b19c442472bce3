/**
 * The receiver's speed: pre-signed messages, every check, logged, signed answers, at 32 connections, against a bare
 * Express server with mutual TLS that inserts the same body into one table. Both run as processes of their own on the
 * same PostgreSQL; runs alternate and the medians count.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { programSchemas } from '../src/config.ts';
import { cast, FEATURE_GROUP } from '../src/demo/cast.ts';
import { foundAlliance, type FoundedAlliance } from '../src/demo/found-alliance.ts';
import type { FoundedMember } from '../src/demo/found-member.ts';
import { startGateway, stopProcess, untilReady } from '../src/demo/processes.ts';
import { newId, newNonce } from '../src/core/ids.ts';
import { freePort, startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import { contentDigestHeader, digestClaim } from '../src/wire/content-digest.ts';
import { sealEnvelope } from '../src/wire/envelope.ts';
import { signRequestToken } from '../src/wire/exchange-token.ts';
import { importSigningKey, type SigningKey } from '../src/wire/jws.ts';
import type { BenchResult } from './main.ts';

const CONNECTIONS = 32;
const ROUNDS = 3;
const WARM_UP = 4000;
const REQUESTS = 4000;

interface Request {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

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

/** Signs batches of one new domain each; tokens live 60 s, so each run signs its own just before. */
async function createSigner(alliance: FoundedAlliance, sender: FoundedMember, receiver: FoundedMember) {
  const key = await importSigningKey(
    JSON.parse(await readFile(join(sender.directory, 'seal.jwk'), 'utf8')) as Parameters<
      typeof importSigningKey
    >[0],
  );
  const certificate = new X509Certificate(await readFile(join(sender.directory, 'tls.crt')));
  const thumbprint = createHash('sha256').update(certificate.raw).digest('base64url');
  let made = 0;
  return (count: number): Promise<Request[]> =>
    Promise.all(
      Array.from({ length: count }, () =>
        request({ alliance, sender, receiver, key, thumbprint, n: (made += 1) }),
      ),
    );
}

interface Making {
  readonly alliance: FoundedAlliance;
  readonly sender: FoundedMember;
  readonly receiver: FoundedMember;
  readonly key: SigningKey;
  readonly thumbprint: string;
  readonly n: number;
}

const schemas = programSchemas();
const SCHEMA = 'urn:lianzheng:schema:feature-batch:1.0.0';

async function request({ alliance, sender, receiver, key, thumbprint, n }: Making): Promise<Request> {
  const { registry } = alliance;
  const now = new Date();
  const schema = { id: SCHEMA, sha256: schemas.digest(SCHEMA) };
  const sealed = await sealEnvelope(
    {
      id: newId(),
      kind: 'feature-batch',
      version: 1,
      issuer: sender.cast.id,
      group: FEATURE_GROUP,
      createdAt: now.toISOString(),
      purpose: 'RISK_PREVENTION',
      legalBasis: ['PIPL-13'],
      schema,
      registry: { serial: registry.body.serial, sha256: registry.sha256 },
      body: {
        features: [
          {
            id: newId(),
            type: 'domain',
            value: `bench-${n}.example`,
            confidence: 80,
            tlp: 'amber',
            grade: 2,
            firstSeen: now.toISOString(),
            lastSeen: now.toISOString(),
            validFrom: now.toISOString(),
            source: 'bench',
          },
        ],
      },
    },
    key,
  );
  const body = Buffer.from(JSON.stringify(sealed));
  const digest = createHash('sha256').update(body).digest();
  const mid = newId();
  const iat = Math.floor(now.getTime() / 1000);
  const token = await signRequestToken(
    {
      iss: sender.cast.id,
      aud: receiver.cast.id,
      grp: FEATURE_GROUP,
      pur: 'RISK_PREVENTION',
      iat,
      nbf: iat,
      exp: iat + 60,
      jti: newNonce(),
      mid,
      htm: 'POST',
      htu: `https://${receiver.config.peer.authority}/x/v1/messages`,
      cty: 'application/json',
      cdg: digestClaim(digest),
      len: body.length,
      cnf: { 'x5t#S256': thumbprint },
      sch: `${schema.id}#${schema.sha256}`,
      reg: registry.body.serial,
      ofr: null,
    },
    key,
  );
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'content-digest': contentDigestHeader(digest),
    'exchange-token': token,
    'exchange-id': mid,
  };
  return { headers, body };
}

/** Every request once, over 32 connections. Throws when one is not answered 200. */
async function measure(sender: FoundedMember, authority: string, requests: Request[]): Promise<Run> {
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
    [fileURLToPath(new URL('./bare-server.mjs', import.meta.url)), settings],
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
