/** Starts, kills and pauses processes that append, and remembers what each of them confirmed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ChildSettings } from './appenders-child.ts';

const PROGRAM = fileURLToPath(new URL('./appenders-child.ts', import.meta.url));

const STOP_MS = 15_000;

export interface Confirmed {
  /** Hex. */
  readonly key: string;
  readonly index: number;
  readonly leaf: string;
}

export class Appenders {
  readonly confirmed: Confirmed[] = [];
  /** The ledger is open. */
  readonly opened: Promise<void>;
  /** What the process said of its troubles. */
  readonly errors: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** The process loads at once and begins with `begin`. */
  constructor() {
    this.#child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
    const lines = createInterface(this.#child.stdout!);
    this.opened = once(lines, 'line').then(() => undefined);
    this.opened.catch(() => undefined);
    lines.on('line', (line) => {
      const [key = '', index, leaf = ''] = line.split(' ');
      // A killed process may leave half a line: nobody has read that as a confirmation.
      if (leaf.length === 64) this.confirmed.push({ key, index: Number(index), leaf });
    });
    createInterface(this.#child.stderr!).on('line', (line) => this.errors.push(line));
    this.#child.stdin!.on('error', () => undefined);
    this.#ended = Promise.all([once(this.#child, 'exit'), once(lines, 'close')]);
  }

  begin(settings: ChildSettings): this {
    this.#child.stdin!.write(`${JSON.stringify(settings)}\n`);
    return this;
  }

  /** Resolves when `count` more entries were confirmed. Throws after `timeoutMs`. */
  async confirms(count: number, timeoutMs = 20_000): Promise<void> {
    const wanted = this.confirmed.length + count;
    const deadline = Date.now() + timeoutMs;
    while (this.confirmed.length < wanted) {
      if (Date.now() > deadline || this.#child.exitCode !== null) {
        throw new Error(
          `${this.confirmed.length} of ${wanted} confirmed: ${this.errors.slice(-3).join('; ')}`,
        );
      }
      await sleep(5);
    }
  }

  async kill(): Promise<void> {
    this.#child.stdin!.end();
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Lets what is under way be confirmed, then ends the process in order. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin!.write('stop\n');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
    if (this.#child.exitCode !== 0)
      throw new Error(`ended with ${this.#child.exitCode}: ${this.errors.slice(-3).join('; ')}`);
  }
}
