/** A log in memory, built by the code that builds live ones; gives an export directory or a source. */
import { randomBytes } from 'node:crypto';
import type { EntryDraft, EntryRef } from '../../src/ledger/entry.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import type { LedgerKey } from '../../src/ledger/notes/note.ts';
import type { AnchorRules } from '../../src/ledger/sequence/anchor.ts';
import { buildBatch, EMPTY_HEAD, type Head, type PairTail } from '../../src/ledger/sequence/batch.ts';
import { withLength, type LedgerSource } from '../../src/ledger/serving/source.ts';
import { EMPTY_ROOT } from '../../src/ledger/tree/merkle.ts';
import { readTilePath, TILE_HEIGHT, TILE_WIDTH } from '../../src/ledger/tree/tiles.ts';
import { checkpointText } from '../../src/ledger/notes/checkpoint.ts';
import { signNote } from '../../src/ledger/notes/note.ts';
import { ledgerKey } from './drafts.ts';

export class SyntheticLog {
  readonly member: string;
  readonly origin: string;
  readonly key: LedgerKey;
  readonly bodies: string[] = [];
  readonly #anchors: AnchorRules | undefined;
  readonly #levels: Buffer[][] = [];
  readonly #pairs = new Map<string, PairTail>();
  #head: Head = EMPTY_HEAD;
  #note: string;

  constructor(member: string, anchors?: AnchorRules) {
    this.#anchors = anchors;
    this.member = member;
    this.origin = `${member}.example/ledger`;
    this.key = ledgerKey(this.origin);
    this.#note = signNote(checkpointText({ origin: this.origin, size: 0, root: EMPTY_ROOT }), this.key);
  }

  /** Appends as one batch; returns the last entry's place under its checkpoint. */
  append(...drafts: EntryDraft[]): Required<EntryRef> {
    const rows = drafts.map((draft, id) => ({
      id,
      key: randomBytes(32),
      draft: JSON.stringify({ ...draft, member: this.member }),
      known: false,
    }));
    const batch = buildBatch(
      { head: this.#head, pairs: [...this.#pairs.values()], rows },
      { origin: this.origin, key: this.key, ...(this.#anchors && { anchors: this.#anchors }) },
      (_row, error) => {
        throw error;
      },
    );
    for (const pair of batch.pairs) this.#pairs.set(`${pair.dir} ${pair.peer}`, pair);
    for (const { level, index, hash } of batch.nodes) {
      if (level % TILE_HEIGHT === 0) (this.#levels[level / TILE_HEIGHT] ??= [])[index] = hash;
    }
    this.bodies.push(...batch.entries.map((entry) => entry.body));
    this.#head = batch.head;
    this.#note = batch.checkpoint;
    const { size, root, lastLeaf } = batch.head;
    const [leaf, rootHex] = [lastLeaf.toString('hex'), root.toString('hex')];
    return { origin: this.origin, index: size - 1, leaf, size, root: rootHex };
  }

  /** What an operator does who signs a log with an act left out. */
  pretendPair(tail: PairTail): void {
    this.#pairs.set(`${tail.dir} ${tail.peer}`, tail);
  }

  source(): LedgerSource {
    return {
      checkpoint: () => Promise.resolve(Buffer.from(this.#note)),
      tile: (path) => Promise.resolve(this.#tile(path)),
    };
  }

  async export(directory: string): Promise<string> {
    await exportLedger(this.source(), directory);
    return directory;
  }

  trusted() {
    return { member: this.member, origin: this.origin, vkeys: [{ vkey: this.key.vkey }] };
  }

  #tile(path: string): Buffer | undefined {
    const tile = readTilePath(path);
    if (tile === undefined) return undefined;
    const [start, end] = [tile.index * TILE_WIDTH, tile.index * TILE_WIDTH + tile.width];
    const parts =
      tile.level === 'entries'
        ? this.bodies.slice(start, end).map(withLength)
        : (this.#levels[tile.level] ?? []).slice(start, end);
    return parts.length === tile.width ? Buffer.concat(parts) : undefined;
  }
}
