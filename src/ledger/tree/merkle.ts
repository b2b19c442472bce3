/** RFC 6962 section 2.1: leaf and node hashes, and the frontier from which a log grows. */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;
/** MTH({}) = SHA-256(""). */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** A perfect subtree: entries [index·2^level, (index+1)·2^level). Indices pass 32 bits: no bitwise operators. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

export interface TreeNode extends Subtree {
  readonly hash: Buffer;
}

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array | string): Buffer {
  const bytes = typeof entry === 'string' ? Buffer.from(entry) : entry;
  return hash('sha256', Buffer.concat([LEAF_PREFIX, bytes]), 'buffer');
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([NODE_PREFIX, left, right]), 'buffer');
}

/** Hash of neighbouring perfect subtrees of falling size, as at the right edge of a tree; [] is the empty tree. */
export function foldSubtrees(hashes: readonly Buffer[]): Buffer {
  return hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right));
}

/**
 * Perfect subtrees of [start, end), left to right. `start` must be 0 or a multiple of a power of two that is not
 * below end−start, as every right edge is.
 */
export function perfectSubtrees(start: number, end: number): Subtree[] {
  const found: Subtree[] = [];
  for (let from = start; from < end;) {
    const level = floorLog2(end - from);
    found.push({ level, index: from / 2 ** level });
    from += 2 ** level;
  }
  return found;
}

/** Exact for every safe integer above 0, unlike Math.log2. */
export function floorLog2(n: number): number {
  const level = Math.round(Math.log2(n));
  return 2 ** level > n ? level - 1 : level;
}

const LEAF_PREFIX = Buffer.of(0);
const NODE_PREFIX = Buffer.of(1);

/** The perfect subtrees that a log of a given size consists of: all that is needed to append to it. */
export class Frontier {
  #size: number;
  readonly #nodes: TreeNode[];

  /** @param hashes as serialised by `bytes`. */
  constructor(size = 0, hashes: Uint8Array = Buffer.alloc(0)) {
    this.#size = size;
    this.#nodes = perfectSubtrees(0, size).map(({ level, index }, i) => ({
      level,
      index,
      hash: Buffer.from(hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)),
    }));
  }

  get size(): number {
    return this.#size;
  }

  get nodes(): readonly TreeNode[] {
    return this.#nodes;
  }

  /** Appends one leaf and returns the nodes that became complete by it, the leaf itself first. */
  append(leaf: Buffer): TreeNode[] {
    const added = this.#push({ level: 0, index: this.#size, hash: leaf });
    this.#size += 1;
    return added;
  }

  /** Appends a perfect subtree of 2^level leaves; the size must be a multiple of that. */
  appendSubtree(level: number, subtreeHash: Buffer): void {
    const width = 2 ** level;
    this.#push({ level, index: this.#size / width, hash: subtreeHash });
    this.#size += width;
  }

  root(): Buffer {
    return foldSubtrees(this.#nodes.map((node) => node.hash));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#nodes.map((node) => node.hash));
  }

  #push(node: TreeNode): TreeNode[] {
    const added = [node];
    let top = node;
    for (let left = this.#nodes.at(-1); left?.level === top.level; left = this.#nodes.at(-1)) {
      this.#nodes.pop();
      top = { level: top.level + 1, index: left.index / 2, hash: nodeHash(left.hash, top.hash) };
      added.push(top);
    }
    this.#nodes.push(top);
    return added;
  }
}
