/** One step of the log: intake rows in, numbered and chained entries, tree nodes and a signed checkpoint out. */
import { checkpointText } from '../checkpoint.ts';
import { completeEntry, ZERO_HASH, type Direction, type EntryDraft } from '../entry.ts';
import { signNote, type LedgerKey } from '../note.ts';
import { Frontier, leafHash, type TreeNode } from '../tree/merkle.ts';

export interface Head {
  readonly size: number;
  readonly root: Buffer;
  readonly frontier: Buffer;
  readonly lastLeaf: Buffer;
}

/** The last entry with one peer in one direction. */
export interface PairTail {
  readonly peer: string;
  readonly dir: Direction;
  readonly n: number;
  readonly leaf: Buffer;
}

export interface IntakeRow {
  readonly id: number;
  readonly key: Buffer;
  readonly draft: string;
  /** Its key is in the log already. */
  readonly known: boolean;
}

export interface BatchInput {
  readonly head: Head;
  readonly pairs: readonly PairTail[];
  readonly rows: readonly IntakeRow[];
}

export interface BatchEntry {
  readonly key: Buffer;
  readonly leaf: Buffer;
  readonly body: string;
}

export interface Batch {
  readonly origin: string;
  /** Index of the first entry. */
  readonly start: number;
  readonly head: Head;
  readonly entries: readonly BatchEntry[];
  /** Completed by this batch, leaves included. */
  readonly nodes: readonly TreeNode[];
  /** What the frontier held before: with `nodes`, all that a proof of these entries can ask for. */
  readonly before: readonly TreeNode[];
  readonly pairs: readonly PairTail[];
  readonly checkpoint: string;
  /** Intake ids that are done with, those known before included. */
  readonly taken: readonly number[];
}

/** Pure but for `onPoison`, told about rows that no capability of ours wrote; they stay where they are. */
export function buildBatch(
  input: BatchInput,
  log: { readonly origin: string; readonly key: LedgerKey },
  onPoison: (row: IntakeRow, error: unknown) => void,
): Batch {
  const frontier = new Frontier(input.head.size, input.head.frontier);
  const before = [...frontier.nodes];
  const tails = new PairTails(input.pairs);
  const entries: BatchEntry[] = [];
  const nodes: TreeNode[] = [];
  const taken: number[] = [];
  let lastLeaf = input.head.lastLeaf;
  for (const row of input.rows) {
    try {
      if (!row.known) {
        const entry = chain(row, { seq: frontier.size, lastLeaf, tails });
        nodes.push(...frontier.append(entry.leaf));
        entries.push(entry);
        lastLeaf = entry.leaf;
      }
      taken.push(row.id);
    } catch (error) {
      onPoison(row, error);
    }
  }
  const root = frontier.root();
  const text = checkpointText({ origin: log.origin, size: frontier.size, root });
  return {
    origin: log.origin,
    start: input.head.size,
    head: { size: frontier.size, root, frontier: frontier.bytes(), lastLeaf },
    entries,
    nodes,
    before,
    pairs: tails.changed(),
    checkpoint: signNote(text, log.key),
    taken,
  };
}

interface Place {
  readonly seq: number;
  readonly lastLeaf: Buffer;
  readonly tails: PairTails;
}

function chain(row: IntakeRow, place: Place): BatchEntry {
  const draft = JSON.parse(row.draft) as EntryDraft;
  const tail = draft.pair && place.tails.of(draft.pair.peer, draft.pair.dir);
  const body = completeEntry(draft, {
    seq: place.seq,
    prev: place.lastLeaf.toString('hex'),
    ...(tail && { pair: { n: tail.n + 1, prev: tail.leaf.toString('hex') } }),
  });
  const leaf = leafHash(body);
  if (tail) place.tails.set({ ...tail, n: tail.n + 1, leaf });
  return { key: row.key, leaf, body };
}

class PairTails {
  readonly #tails = new Map<string, PairTail>();
  readonly #changed = new Set<string>();

  constructor(tails: readonly PairTail[]) {
    for (const tail of tails) this.#tails.set(`${tail.dir} ${tail.peer}`, tail);
  }

  of(peer: string, dir: Direction): PairTail {
    return this.#tails.get(`${dir} ${peer}`) ?? { peer, dir, n: 0, leaf: Buffer.from(ZERO_HASH, 'hex') };
  }

  set(tail: PairTail): void {
    const name = `${tail.dir} ${tail.peer}`;
    this.#tails.set(name, tail);
    this.#changed.add(name);
  }

  changed(): PairTail[] {
    return [...this.#tails].filter(([name]) => this.#changed.has(name)).map(([, tail]) => tail);
  }
}
