/** A ledger entry: what a capability drafts, and what the sequencer completes into canonical JSON (RFC 8785). */
import { GatewayError } from '../core/errors.ts';
import { isCanonicalEntry } from './entry-grammar.ts';

/** Position of an entry in a log; `size` and `root` name the checkpoint that covered it. Digests are lowercase hex. */
export interface EntryRef {
  readonly origin: string;
  readonly index: number;
  readonly leaf: string;
  readonly size?: number;
  readonly root?: string;
}

export interface EntrySubject {
  readonly type: string;
  readonly id: string;
  readonly sha256?: string;
  readonly sm3?: string;
  readonly size?: number;
}

export type Direction = 'in' | 'out';

/** What a capability knows of an act. No personal data and no guessable hash of it. */
export interface EntryDraft {
  /** UUIDv7. */
  readonly id: string;
  /** RFC 3339 UTC with milliseconds and `Z`. */
  readonly at: string;
  readonly kind: string;
  readonly member: string;
  readonly peer?: string;
  readonly group?: string;
  readonly purpose?: string;
  readonly basis: readonly string[];
  readonly grant?: string;
  readonly registry: { readonly serial: number; readonly sha256: string };
  readonly subject: EntrySubject;
  /** SHA-256 of the exchange token, hex. */
  readonly token?: string;
  readonly pair?: { readonly peer: string; readonly dir: Direction };
  readonly mid?: string;
  readonly counter?: EntryRef;
  readonly actor: string;
  readonly commitments?: { readonly root: string; readonly count: number };
  /** Why a request was refused. */
  readonly code?: string;
  /** How many acts a summary stands for. */
  readonly count?: number;
}

export interface PairLink {
  readonly peer: string;
  readonly dir: Direction;
  /** From 1. */
  readonly n: number;
  /** Leaf hash of the entry before with this peer in this direction. */
  readonly prev: string;
}

export interface Entry extends Omit<EntryDraft, 'pair'> {
  readonly v: 1;
  /** Equals the index in the log, from 0. */
  readonly seq: number;
  /** Leaf hash of the entry before. */
  readonly prev: string;
  readonly pair?: PairLink;
}

export interface EntryPosition {
  readonly seq: number;
  readonly prev: string;
  readonly pair?: { readonly n: number; readonly prev: string };
}

/** What stands for "the entry before" at the first one. */
export const ZERO_HASH = '0'.repeat(64);
export const MAX_ENTRY_BYTES = 8192;

/** Returns the entry's canonical JSON. Throws ledger.entry-invalid or ledger.entry-too-large. */
export function completeEntry(draft: EntryDraft, position: EntryPosition): string {
  const text = JSON.stringify(inCanonicalOrder(draft, position));
  if (!isCanonicalEntry(text)) {
    throw new GatewayError(
      'ledger.entry-invalid',
      `entry draft of kind ${draft.kind} breaks the entry's form; see schemas/ledger-entry.json`,
    );
  }
  const size = Buffer.byteLength(text);
  if (size > MAX_ENTRY_BYTES) {
    throw new GatewayError('ledger.entry-too-large', `entry has ${size} bytes, at most ${MAX_ENTRY_BYTES}`);
  }
  return text;
}

/** Throws unless the draft can be completed at any position, so that nothing poisonous reaches the intake. */
export function checkDraft(draft: EntryDraft): void {
  const far = { n: 999_999_999_999_999, prev: ZERO_HASH };
  completeEntry(draft, { seq: far.n, prev: far.prev, pair: far });
}

/**
 * Members in UTF-16 order, so that JSON.stringify is RFC 8785: it writes strings and safe integers exactly as that
 * RFC asks, and the grammar refuses the one thing it writes beside, escaped lone surrogates.
 */
function inCanonicalOrder(draft: EntryDraft, position: EntryPosition): Record<string, unknown> {
  return {
    actor: draft.actor,
    at: draft.at,
    basis: draft.basis,
    code: draft.code,
    commitments: draft.commitments && { count: draft.commitments.count, root: draft.commitments.root },
    count: draft.count,
    counter: draft.counter && counterInOrder(draft.counter),
    grant: draft.grant,
    group: draft.group,
    id: draft.id,
    kind: draft.kind,
    member: draft.member,
    mid: draft.mid,
    pair: draft.pair && {
      dir: draft.pair.dir,
      n: position.pair?.n,
      peer: draft.pair.peer,
      prev: position.pair?.prev,
    },
    peer: draft.peer,
    prev: position.prev,
    purpose: draft.purpose,
    registry: { serial: draft.registry.serial, sha256: draft.registry.sha256 },
    seq: position.seq,
    subject: subjectInOrder(draft.subject),
    token: draft.token,
    v: 1,
  };
}

function counterInOrder(counter: EntryRef): Record<string, unknown> {
  const { index, leaf, origin, root, size } = counter;
  return { index, leaf, origin, root, size };
}

function subjectInOrder(subject: EntrySubject): Record<string, unknown> {
  const { id, sha256, size, sm3, type } = subject;
  return { id, sha256, size, sm3, type };
}
