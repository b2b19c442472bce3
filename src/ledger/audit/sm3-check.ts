/** The SM3 tree: recomputed beside the SHA-256 tree, and compared at every anchor that stands in the log. */
import { Sm3Tree, sm3Of } from '../tree/sm3-tree.ts';
import type { Findings } from './report.ts';
import type { SeenEntry } from './seen-entry.ts';

/** An anchor with what its range holds before it: whether it is right shows only with all that lies before the range. */
export interface SeenAnchor {
  readonly index: number;
  /** What it says; undefined when it says nothing that could be checked. */
  readonly claim: { readonly size: number; readonly sm3: string } | undefined;
  /** Of the SM3 tree from the range's start to the anchor. */
  readonly frontier: Uint8Array;
}

export interface Sm3Range {
  readonly size: number;
  readonly frontier: Uint8Array;
  readonly anchors: readonly SeenAnchor[];
  /** An entry was missing: from there on there is no tree. */
  readonly isBroken: boolean;
}

const ANCHOR_KIND = 'sm3-anchor';
/** How every canonical entry ends that is an anchor. */
const CLAIM = /,"size":(\d+),"sm3":"([0-9a-f]{64})","type":"sm3-tree"\},"v":1\}$/;

/** The part of one range, in the order of its entries. */
export class Sm3Collector {
  readonly #tree = new Sm3Tree();
  readonly #anchors: SeenAnchor[] = [];
  #isBroken = false;

  /** @param prefixed 0x00 ‖ entry */
  see(entry: SeenEntry, prefixed: Buffer): void {
    if (this.#isBroken) return;
    if (entry.fields?.kind === ANCHOR_KIND) {
      const frontier = this.#tree.frontier();
      this.#anchors.push({ index: entry.index, claim: claimOf(prefixed), frontier });
    }
    this.#tree.append(sm3Of(prefixed));
  }

  break(): void {
    this.#isBroken = true;
  }

  end(): Sm3Range {
    const { size } = this.#tree;
    return { size, frontier: this.#tree.frontier(), anchors: this.#anchors, isBroken: this.#isBroken };
  }
}

function claimOf(prefixed: Buffer): SeenAnchor['claim'] {
  const [, size, sm3] = CLAIM.exec(prefixed.toString('latin1')) ?? [];
  return size === undefined || sm3 === undefined ? undefined : { size: Number(size), sm3 };
}

export interface Sm3Summary {
  /** Anchors that were compared. */
  readonly anchors: number;
  /** Entries behind the last good anchor. */
  readonly unanchored: number;
}

/** Joins ranges in the order of the log. */
export class Sm3Check {
  readonly #findings: Findings;
  readonly #tree = new Sm3Tree();
  #anchors = 0;
  #anchored = 0;
  #isBroken = false;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  join(range: Sm3Range): void {
    if (this.#isBroken) return;
    for (const anchor of range.anchors) this.#compare(anchor);
    if (range.isBroken) this.#isBroken = true;
    else this.#tree.join(range.size, range.frontier);
  }

  summary(size: number): Sm3Summary {
    return { anchors: this.#anchors, unanchored: size - this.#anchored };
  }

  #compare({ index, claim, frontier }: SeenAnchor): void {
    this.#anchors += 1;
    const message = this.#problem(index, claim, frontier);
    if (message === undefined) this.#anchored = index;
    else this.#findings.add({ class: 'root-mismatch', tree: 'sm3', index, message });
  }

  #problem(index: number, claim: SeenAnchor['claim'], frontier: Uint8Array): string | undefined {
    if (claim === undefined) return 'SM3 anchor has no size and root';
    if (claim.size !== index)
      return `SM3 anchor is for size ${claim.size}, but ${index} entries stand before it`;
    if (this.#tree.rootWith(frontier).toString('hex') === claim.sm3) return undefined;
    return 'the entries before this anchor do not add up to its SM3 root';
  }
}
