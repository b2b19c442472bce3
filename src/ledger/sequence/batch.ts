/** One step of the log: intake rows in, numbered and chained entries, tree nodes and a signed checkpoint out. */
import { checkpointText } from '../notes/checkpoint.ts';
import { completeEntry, ZERO_HASH, type Direction, type EntryDraft } from '../entry.ts';
import type { KeyedDraft } from '../ledger.ts';
import { signNote, type LedgerKey } from '../notes/note.ts';
import { EMPTY_ROOT, Frontier, leafHash, type TreeNode } from '../tree/merkle.ts';
import { Sm3Tree, sm3LeafHash } from '../tree/sm3-tree.ts';
import { anchorOf, isAnchorDue, type AnchorRules } from './anchor.ts';
import { PairTails } from './pair-tails.ts';

export interface Head {
  readonly size: number;
  readonly root: Buffer;
  readonly frontier: Buffer;
  readonly lastLeaf: Buffer;
  /** Of the SM3 tree over the same entries. */
  readonly sm3Frontier: Buffer;
}

/** Of a log without entries. */
export const EMPTY_HEAD: Head = {
  size: 0,
  root: EMPTY_ROOT,
  frontier: Buffer.alloc(0),
  lastLeaf: Buffer.from(ZERO_HASH, 'hex'),
  sm3Frontier: Buffer.alloc(0),
};

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
  /** Of work that shares the batch's transaction. */
  readonly drafts?: readonly KeyedDraft[];
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

export interface BatchLog {
  readonly origin: string;
  readonly key: LedgerKey;
  /** Absent: the SM3 tree grows, and nothing of it is written down. */
  readonly anchors?: AnchorRules;
}

/** Pure but for `onPoison`, told about rows that no capability of ours wrote; they stay where they are. */
export function buildBatch(
  input: BatchInput,
  log: BatchLog,
  onPoison: (row: IntakeRow, error: unknown) => void,
): Batch {
  const growth = new Growth(input);
  const before = [...growth.frontier.nodes];
  const taken: number[] = [];
  for (const row of input.rows) {
    let draft: EntryDraft | undefined;
    try {
      if (!row.known) draft = growth.append(row.key, JSON.parse(row.draft) as EntryDraft);
      taken.push(row.id);
    } catch (error) {
      onPoison(row, error);
    }
    if (draft !== undefined) anchorWhenDue(growth, draft, log);
  }
  for (const { key, draft } of input.drafts ?? []) anchorWhenDue(growth, growth.append(key, draft), log);
  const { size } = growth.frontier;
  const root = growth.frontier.root();
  return {
    origin: log.origin,
    start: input.head.size,
    head: {
      size,
      root,
      frontier: growth.frontier.bytes(),
      lastLeaf: growth.lastLeaf,
      sm3Frontier: growth.sm3.frontier(),
    },
    entries: growth.entries,
    nodes: growth.nodes,
    before,
    pairs: growth.tails.changed(),
    checkpoint: signNote(checkpointText({ origin: log.origin, size, root }), log.key),
    taken,
  };
}

function anchorWhenDue(growth: Growth, draft: EntryDraft, { origin, anchors }: BatchLog): void {
  if (anchors === undefined || !isAnchorDue(growth.sm3.size, anchors)) return;
  const anchor = anchorOf(growth.sm3, draft, { origin, rules: anchors });
  growth.append(anchor.key, anchor.draft);
}

/** The log as it grows by one batch. */
class Growth {
  readonly frontier: Frontier;
  readonly sm3: Sm3Tree;
  readonly tails: PairTails;
  readonly entries: BatchEntry[] = [];
  readonly nodes: TreeNode[] = [];
  lastLeaf: Buffer;

  constructor({ head, pairs }: BatchInput) {
    this.frontier = new Frontier(head.size, head.frontier);
    this.sm3 = new Sm3Tree(head.size, head.sm3Frontier);
    this.tails = new PairTails(pairs);
    this.lastLeaf = head.lastLeaf;
  }

  /** Returns the draft. Throws before anything has changed. */
  append(key: Buffer, draft: EntryDraft): EntryDraft {
    const tail = draft.pair && this.tails.of(draft.pair.peer, draft.pair.dir);
    const body = completeEntry(draft, {
      seq: this.frontier.size,
      prev: this.lastLeaf.toString('hex'),
      ...(tail && { pair: { n: tail.n + 1, prev: tail.leaf.toString('hex') } }),
    });
    const leaf = leafHash(body);
    if (tail) this.tails.set({ peer: tail.peer, dir: tail.dir, n: tail.n + 1, leaf });
    this.nodes.push(...this.frontier.append(leaf));
    this.sm3.append(sm3LeafHash(body));
    this.entries.push({ key, leaf, body });
    this.lastLeaf = leaf;
    return draft;
  }
}
