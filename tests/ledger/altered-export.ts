/** An export in memory that can be altered in every layer before it is written down. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { leafHash } from '../../src/ledger/tree/merkle.ts';
import { withLength } from '../../src/ledger/serving/source.ts';
import { TILE_WIDTH, tileAt, tilePath } from '../../src/ledger/tree/tiles.ts';
import type { SyntheticLog } from './synthetic-log.ts';

export class AlteredExport {
  readonly size: number;
  readonly #log: SyntheticLog;
  readonly #bundles: string[][] = [];
  /** By path. */
  readonly #files = new Map<string, Buffer>();
  readonly #dropped = new Set<string>();

  private constructor(log: SyntheticLog) {
    this.#log = log;
    this.size = log.bodies.length;
  }

  static async of(log: SyntheticLog): Promise<AlteredExport> {
    const altered = new AlteredExport(log);
    const source = log.source();
    altered.#files.set('checkpoint', await source.checkpoint());
    for (let start = 0; start < altered.size; start += TILE_WIDTH) {
      altered.#bundles.push(log.bodies.slice(start, start + TILE_WIDTH));
      altered.#files.set(altered.path(0, start), (await source.tile(altered.path(0, start)))!);
    }
    const top = altered.path(1, 0);
    altered.#files.set(top, (await source.tile(top))!);
    return altered;
  }

  /** Of the tile that holds number `index` of its level. */
  path(level: number | 'entries', index: number): string {
    return tilePath(tileAt(level, Math.floor(index / TILE_WIDTH), this.size)!);
  }

  body(index: number): string {
    return this.#log.bodies[index]!;
  }

  setBody(index: number, body: string): this {
    this.#bundles[Math.floor(index / TILE_WIDTH)]![index % TILE_WIDTH] = body;
    return this;
  }

  editBody(index: number, from = '"actor":"system"', to = '"actor":"nobody"'): this {
    return this.setBody(index, this.body(index).replace(from, to));
  }

  editHash(level: number, index: number, hash: Buffer = leafHash('other')): this {
    hash.copy(this.#files.get(this.path(level, index))!, (index % TILE_WIDTH) * 32);
    return this;
  }

  /** Body and tile, consistently. */
  rewrite(index: number): this {
    const body = this.body(index).replace('"actor":"system"', '"actor":"nobody"');
    return this.setBody(index, body).editHash(0, index, leafHash(body));
  }

  /** As an operator would who has lost an entry: the rest moves up. */
  removeFromBundle(index: number): this {
    this.#bundles[Math.floor(index / TILE_WIDTH)]!.splice(index % TILE_WIDTH, 1);
    return this;
  }

  swap(index: number, other: number): this {
    return this.setBody(index, this.body(other)).setBody(other, this.body(index));
  }

  cutHashes(index: number): this {
    const path = this.path(0, index);
    this.#files.set(path, this.#files.get(path)!.subarray(0, (index % TILE_WIDTH) * 32 + 5));
    return this;
  }

  drop(path: string): this {
    this.#dropped.add(path);
    return this;
  }

  append(index: number, bytes: string): this {
    this.#bundles[Math.floor(index / TILE_WIDTH)]!.push(bytes);
    return this;
  }

  setCheckpoint(note: string): this {
    this.#files.set('checkpoint', Buffer.from(note));
    return this;
  }

  write(directory: string): string {
    const bundles = this.#bundles.map((bodies, i): [string, Buffer] => [
      this.path('entries', i * TILE_WIDTH),
      Buffer.concat(bodies.map(withLength)),
    ]);
    for (const [path, bytes] of [...this.#files, ...bundles]) {
      if (this.#dropped.has(path)) continue;
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), bytes);
    }
    return directory;
  }
}
