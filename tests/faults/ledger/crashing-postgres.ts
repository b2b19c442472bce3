/** A PostgreSQL of its own that can be stopped at once, as by a power cut, and started again on what is on disk. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../../src/storage/embedded-postgres.ts';
import { testCluster } from '../../world/database.ts';

export interface CrashingPostgres {
  url(database?: string, role?: { readonly name: string; readonly password: string }): string;
  start(): Promise<void>;
  /** `pg_ctl stop -m immediate`: no checkpoint, nothing is written any more; what was not synced is gone from memory. */
  crash(): Promise<void>;
}

const PASSWORD = 'only-for-this-test';

/** Uses the binaries and the account of the run's cluster; data beside its, removed with them. */
export async function createCrashingPostgres(): Promise<CrashingPostgres> {
  const { directory } = await testCluster();
  const { uid, gid } = statSync(join(directory, 'data'));
  const account = process.getuid?.() === 0 ? { uid, gid } : {};
  const options = { ...account, cwd: directory, env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } };
  const data = join(directory, 'crashing');
  const passwordFile = join(directory, 'crashing-password');
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o644 });
  const flags = [
    '--auth=scram-sha-256',
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
  ];
  execFileSync(
    join(directory, 'native/bin/initdb'),
    [`--pgdata=${data}`, '--locale=C', '--no-instructions', ...flags],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=100'];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  let server: ChildProcess | undefined;
  process.once('exit', () => server?.kill('SIGQUIT'));
  const url: CrashingPostgres['url'] = (
    database = 'postgres',
    role = { name: 'postgres', password: PASSWORD },
  ) => `postgres://${role.name}:${role.password}@127.0.0.1:${port}/${database}`;
  return {
    url,
    start: async () => {
      server = spawn(join(directory, 'native/bin/postgres'), args, { ...options, stdio: 'ignore' });
      await untilReady(url());
    },
    crash: async () => {
      if (server === undefined) return;
      const ended = once(server, 'exit');
      server.kill('SIGQUIT');
      await ended;
      server = undefined;
    },
  };
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    const isUp = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    if (isUp) return;
    await sleep(50);
  }
  throw new Error('PostgreSQL did not start');
}
