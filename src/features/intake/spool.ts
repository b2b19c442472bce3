/** Holds the checked features of an atomic push on disk until the last line is known to be good. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayError } from '../../core/errors.ts';
import { ndjsonLines } from './lines.ts';
import type { ReadFeature } from './read-feature.ts';

const FLUSH_BYTES = 256 * 1024;
const DEFAULT_LIMIT = 1024 ** 3;

/**
 * The file has no name once it is open and is enciphered under a key that only this process holds: whatever happens,
 * no personal value stays readable on the disk.
 */
export class Spool implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #limit: number;
  readonly #key = randomBytes(32);
  readonly #iv = randomBytes(16);
  readonly #cipher = createCipheriv('aes-256-ctr', this.#key, this.#iv);
  #pending: string[] = [];
  #pendingBytes = 0;
  #size = 0;

  private constructor(file: FileHandle, limit: number) {
    this.#file = file;
    this.#limit = limit;
  }

  static async create(limit = DEFAULT_LIMIT): Promise<Spool> {
    const directory = await mkdtemp(join(tmpdir(), 'lianzheng-push-'));
    try {
      return new Spool(await open(join(directory, 'spool'), 'wx+', 0o600), limit);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** Throws http.body-too-large past the limit. */
  async write(feature: ReadFeature): Promise<void> {
    const line = `${JSON.stringify(feature)}\n`;
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    if (this.#pendingBytes >= FLUSH_BYTES) await this.#flush();
  }

  async *read(): AsyncGenerator<ReadFeature> {
    await this.#flush();
    for await (const line of ndjsonLines(this.#bytes())) yield JSON.parse(line.toString()) as ReadFeature;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const bytes = this.#cipher.update(this.#pending.join(''), 'utf8');
    if (this.#size + bytes.length > this.#limit) {
      throw new GatewayError('http.body-too-large', `an atomic push may have ${this.#limit} bytes`);
    }
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#file.appendFile(bytes);
    this.#size += bytes.length;
  }

  async *#bytes(): AsyncGenerator<Buffer> {
    const decipher = createDecipheriv('aes-256-ctr', this.#key, this.#iv);
    const buffer = Buffer.alloc(FLUSH_BYTES);
    for (let at = 0; at < this.#size;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new GatewayError('internal', 'the spool of an atomic push is cut short');
      at += bytesRead;
      yield decipher.update(buffer.subarray(0, bytesRead));
    }
  }
}
