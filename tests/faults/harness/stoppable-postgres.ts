/** A PostgreSQL of its own that can be stopped at once and started on what is on disk, on a disk of our choosing. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort, type EmbeddedPostgres } from '../../../src/storage/embedded-postgres.ts';
import { testCluster } from '../../world/database.ts';

const PASSWORD = 'only-for-this-test';
const START_MS = 60_000;

/** Ends the server when the pipe to us closes, however we die. A shell's background work has no standard input but by fd 3. */
const GUARDED = 'exec 3<&0; "$@" </dev/null & pid=$!; ( read -r _ <&3; kill -QUIT $pid ) & wait $pid';

export interface PostgresPlace {
  /** Where the data go, e.g. a small disk; default beside the run's cluster. */
  readonly parent?: string;
  readonly settings?: readonly string[];
}

export class StoppablePostgres implements EmbeddedPostgres {
  readonly directory: string;
  readonly port: number;
  readonly #native: string;
  readonly #account: { readonly uid?: number; readonly gid?: number };
  readonly #settings: readonly string[];
  #server: ChildProcess | undefined;

  private constructor(parts: {
    readonly directory: string;
    readonly port: number;
    readonly native: string;
    readonly account: { readonly uid?: number; readonly gid?: number };
    readonly settings: readonly string[];
  }) {
    this.directory = parts.directory;
    this.port = parts.port;
    this.#native = parts.native;
    this.#account = parts.account;
    this.#settings = parts.settings;
  }

  /** Uses the binaries and the account of the run's cluster. Started. */
  static async create({ parent, settings = [] }: PostgresPlace = {}): Promise<StoppablePostgres> {
    const cluster = await testCluster();
    const { uid, gid } = statSync(join(cluster.directory, 'data'));
    const account = process.getuid?.() === 0 ? { uid, gid } : {};
    const directory =
      parent === undefined ? mkdtempSync(join(cluster.directory, 'own-')) : join(parent, 'pg');
    if (parent !== undefined) mkdirSync(directory);
    if (account.uid !== undefined) chownSync(directory, uid, gid);
    const native = join(cluster.directory, 'native/bin');
    const own = new StoppablePostgres({ directory, port: await freePort(), native, account, settings });
    own.#initialise();
    await own.start();
    return own;
  }

  url(database = 'postgres', role = { name: 'postgres', password: PASSWORD }): string {
    return `postgres://${role.name}:${role.password}@127.0.0.1:${this.port}/${database}`;
  }

  get isUp(): boolean {
    return this.#server !== undefined && this.#server.exitCode === null && this.#server.signalCode === null;
  }

  /** Resolves when it takes connections; throws when it ends instead. */
  async start(): Promise<void> {
    if (this.isUp) return;
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=100'];
    const flags = [...settings, ...this.#settings].flatMap((setting) => ['-c', setting]);
    const command = [
      join(this.#native, 'postgres'),
      '-D',
      join(this.directory, 'data'),
      '-p',
      String(this.port),
    ];
    const options = { ...this.#options, stdio: ['pipe', 'ignore', 'ignore'] as ['pipe', 'ignore', 'ignore'] };
    this.#server = spawn('/bin/sh', ['-c', GUARDED, 'guarded', ...command, ...flags], options);
    this.#server.stdin?.on('error', () => undefined);
    const deadline = Date.now() + START_MS;
    while (!(await accepts(this.url()))) {
      if (!this.isUp || Date.now() > deadline) throw new Error('PostgreSQL did not start');
      await sleep(50);
    }
  }

  /** `pg_ctl stop -m immediate`: no checkpoint, nothing is written any more. */
  async crash(): Promise<void> {
    if (!this.isUp) return;
    const ended = once(this.#server!, 'exit');
    this.#server!.stdin!.end();
    await ended;
  }

  stop(): Promise<void> {
    return this.crash();
  }

  async remove(): Promise<void> {
    await this.crash();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #options() {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
    return { ...this.#account, cwd: this.directory, env };
  }

  #initialise(): void {
    const passwordFile = join(this.directory, 'password');
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o644 });
    const data = join(this.directory, 'data');
    const flags = [
      '--auth=scram-sha-256',
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
    ];
    const args = [`--pgdata=${data}`, '--locale=C', '--no-instructions', '--wal-segsize=1', ...flags];
    execFileSync(join(this.#native, 'initdb'), args, {
      ...this.#options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }
}

async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  const isUp = await client.connect().then(
    () => true,
    () => false,
  );
  await client.end().catch(() => undefined);
  return isUp;
}
