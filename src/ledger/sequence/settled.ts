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

const REMEMBERED = 4096;

/** The last few thousand entries, so that most waiters and early readers need no query. */
export class RecentEntries {
  readonly #byKey = new Map<string, () => SettledEntry>();

  add(batch: Batch): void {
    const hashes = new Map([...batch.before, ...batch.nodes].map((node) => [subtreeName(node), node.hash]));
    const { origin, checkpoint } = batch;
    const { size, root } = batch.head;
    batch.entries.forEach((entry, i) => {
      const { key, leaf, body } = entry;
      const stored = { key, leaf, body, origin, index: batch.start + i, size, root, checkpoint };
      this.#byKey.set(key.toString('hex'), () => settledEntry(stored, (node) => known(hashes, node)));
    });
    for (const key of this.#byKey.keys()) {
      if (this.#byKey.size <= REMEMBERED) break;
      this.#byKey.delete(key);
    }
  }

  get(key: Buffer): SettledEntry | undefined {
    return this.#byKey.get(key.toString('hex'))?.();
  }
}

/** A left sibling of an entry of the batch is in the frontier before it or was completed by it (RFC 6962 2.1.1). */
export function known(hashes: ReadonlyMap<string, Buffer>, subtree: Subtree): Buffer {
  const found = hashes.get(subtreeName(subtree));
  if (found === undefined) throw new Error(`tree node ${subtreeName(subtree)} is missing`);
  return found;
}
