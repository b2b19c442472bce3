/** One gateway as a process of its own: started with a failpoint or a false clock, killed, paused, started again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayConfig } from '../../../src/config.ts';
import { atExit } from './at-exit.ts';

export interface GatewayPlace {
  readonly member: string;
  readonly directory: string;
  readonly config: GatewayConfig;
  readonly configPath: string;
}

export interface StartOptions {
  /** `<name>:<nth>`. */
  readonly failpoint?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: it must say ready. */
  readonly awaitReady?: boolean;
}

const READY_MS = 60_000;
const STOP_MS = 40_000;

export class GatewayProcess {
  readonly place: GatewayPlace;
  readonly #main: string;
  #child: ChildProcess | undefined;

  constructor(place: GatewayPlace, main: string) {
    this.place = place;
    this.#main = main;
  }

  get pid(): number | undefined {
    return this.isUp ? this.#child?.pid : undefined;
  }

  get isUp(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get url(): string {
    const { host, port } = this.place.config.memberPlane;
    return `http://${host}:${port}`;
  }

  /** It stops when this process dies, however that dies: its standard input closes. */
  async start({ failpoint, environment = {}, awaitReady = true }: StartOptions = {}): Promise<void> {
    if (this.isUp) throw new Error(`${this.place.member} runs already`);
    const { directory, configPath } = this.place;
    const log = createWriteStream(join(directory, 'gateway.log'), { flags: 'a' });
    const armed = failpoint === undefined ? {} : { LIANZHENG_FAILPOINT: failpoint };
    this.#child = spawn(process.execPath, [this.#main, 'serve', '--config', configPath], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LIANZHENG_STOP_WITH_STDIN: '1', ...armed, ...environment },
    });
    const child = this.#child;
    child.once(
      'exit',
      atExit(() => void child.kill('SIGKILL')),
    );
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.pipe(log, { end: false });
    this.#child.stderr?.pipe(log, { end: false });
    if (awaitReady) await this.untilReady({ mayDie: failpoint !== undefined });
  }

  /** `mayDie`: by its failpoint, which what is left in the queue may reach before the process says that it is ready. */
  async untilReady({ mayDie = false } = {}): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline) {
      if (mayDie && this.#child?.signalCode === 'SIGKILL') return;
      if (!this.isUp) throw new Error(`${this.place.member} ended at its start: ${this.lastWords()}`);
      if ((await this.health()) === 200) return;
      await sleep(50);
    }
    throw new Error(`${this.place.member} is not ready: ${this.lastWords()}`);
  }

  /** Status of GET /v1/health; 0 when nothing answers. */
  async health(): Promise<number> {
    const answer = await fetch(`${this.url}/v1/health`, { signal: AbortSignal.timeout(2000) }).catch(
      () => undefined,
    );
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.status ?? 0;
  }

  async kill(): Promise<void> {
    if (!this.isUp) return;
    this.signal('SIGKILL');
    await this.ended();
  }

  /** In order. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    if (!this.isUp) return null;
    const force = setTimeout(() => this.signal('SIGKILL'), STOP_MS);
    this.signal('SIGTERM');
    await this.ended();
    clearTimeout(force);
    return this.#child?.exitCode ?? null;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Resolves when the process has ended by itself or by somebody's hand; throws after `timeoutMs`. */
  async ended(timeoutMs = STOP_MS + 5_000): Promise<void> {
    if (!this.isUp || this.#child === undefined) return;
    await once(this.#child, 'exit', { signal: AbortSignal.timeout(timeoutMs) });
  }

  /** Resident memory in bytes and open files; undefined where there is no /proc. */
  resources(): { readonly rss: number; readonly files: number } | undefined {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
      return { rss: kilobytes * 1024, files: readdirSync(`/proc/${this.pid}/fd`).length };
    } catch {
      return undefined;
    }
  }

  lastWords(lines = 4): string {
    const text = readFileSync(join(this.place.directory, 'gateway.log'), 'utf8');
    return text.trimEnd().split('\n').slice(-lines).join(' | ').slice(-1500);
  }
}
