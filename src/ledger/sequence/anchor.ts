/** The entry that binds the SM3 tree into the SHA-256 tree, made by the log itself. */
import { sha256 } from '../../core/digest.ts';
import type { EntryDraft } from '../entry.ts';
import type { Sm3Tree } from '../tree/sm3-tree.ts';

export const ANCHOR_KIND = 'sm3-anchor';
export const ANCHOR_SUBJECT = 'sm3-tree';
/** One anchor for so many entries, itself included. */
export const ANCHOR_EVERY = 1024;

export interface AnchorRules {
  /** At least 2. */
  readonly every: number;
  readonly now: Date;
  readonly newId: () => string;
}

/**
 * At multiples of `every`, so that nothing but the size decides it: a restart, another process and another batch come
 * to the same places.
 */
export function isAnchorDue(size: number, rules: AnchorRules): boolean {
  return size % rules.every === 0;
}

export interface KeyedAnchor {
  readonly key: Buffer;
  readonly draft: EntryDraft;
}

/** Covers exactly the entries before it. Registry and member are those of the `last` of them. */
export function anchorOf(
  tree: Sm3Tree,
  last: EntryDraft,
  log: { readonly origin: string; readonly rules: AnchorRules },
): KeyedAnchor {
  const { now, newId } = log.rules;
  return {
    // One key for one size: the table itself refuses a second anchor.
    key: sha256(`${ANCHOR_KIND}|${log.origin}|${tree.size}`),
    draft: {
      id: newId(),
      at: now.toISOString(),
      kind: ANCHOR_KIND,
      member: last.member,
      basis: [],
      registry: last.registry,
      subject: { type: ANCHOR_SUBJECT, id: log.origin, sm3: tree.root().toString('hex'), size: tree.size },
      actor: 'gateway',
    },
  };
}
