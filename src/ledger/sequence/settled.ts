/** What a waiter gets: an entry with its proof, from the batch in memory or from what the database holds of it. */
import type { SettledEntry } from '../ledger.ts';
import { writeProof } from '../notes/tlog-proof.ts';
import type { Subtree } from '../tree/merkle.ts';
import { inclusionPlan, resolvePlan } from '../tree/proof.ts';
import type { Batch, BatchEntry } from './batch.ts';

/** An entry and the checkpoint of its own batch. */
export interface StoredEntry extends BatchEntry {
  readonly origin: string;
  readonly index: number;
  readonly size: number;
  readonly root: Buffer;
  readonly checkpoint: string;
}

export function settledEntry(stored: StoredEntry, hashOf: (subtree: Subtree) => Buffer): SettledEntry {
  const { key, origin, index, size, checkpoint } = stored;
  const hashes = resolvePlan(inclusionPlan(index, size), hashOf);
  return {
    key,
    origin,
    index,
    leaf: stored.leaf.toString('hex'),
    entry: stored.body,
    size,
    root: stored.root.toString('hex'),
    checkpoint,
    proof: writeProof({ index, hashes, checkpoint }),
  };
}

export function subtreeName(subtree: Subtree): string {
  return `${subtree.level}/${subtree.index}`;
}

/** Of one generation; there are two. */
const REMEMBERED = 512;

/**
 * The last entries, so that whoever waits for one, or reads it at once, needs no query. They leave a generation at a
 * time: a map that forgets its oldest one by one would keep them all in memory for long (decision 28).
 */
export class RecentEntries {
  #young = new Map<string, () => SettledEntry>();
  #old: ReadonlyMap<string, () => SettledEntry> = new Map();

  add(batch: Batch): void {
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    const hashes = new Map([...batch.before, ...batch.nodes].map((node) => [subtreeName(node), node.hash]));
    const { origin, checkpoint } = batch;
    const { size, root } = batch.head;
    batch.entries.forEach((entry, i) => {
      const { key, leaf, body } = entry;
      const stored = { key, leaf, body, origin, index: batch.start + i, size, root, checkpoint };
      this.#young.set(key.toString('hex'), () => settledEntry(stored, (node) => known(hashes, node)));
    });
  }

  get(key: Buffer): SettledEntry | undefined {
    const name = key.toString('hex');
    return (this.#young.get(name) ?? this.#old.get(name))?.();
  }
}

/** A left sibling of an entry of the batch is in the frontier before it or was completed by it (RFC 6962 2.1.1). */
export function known(hashes: ReadonlyMap<string, Buffer>, subtree: Subtree): Buffer {
  const found = hashes.get(subtreeName(subtree));
  if (found === undefined) throw new Error(`tree node ${subtreeName(subtree)} is missing`);
  return found;
}
