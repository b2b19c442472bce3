/** Writes an act of the evidence room into the ledger, in the transaction of the act itself. */
import { newId } from '../core/ids.ts';
import type { EntryDraft, EntryRef } from '../ledger/entry.ts';
import type { SettledEntry } from '../ledger/ledger.ts';
import type { Queryable } from '../storage/database.ts';
import type { EvidenceDeps } from './evidence-deps.ts';

export type Act = Pick<EntryDraft, 'kind' | 'subject' | 'actor'> &
  Partial<
    Pick<EntryDraft, 'peer' | 'group' | 'purpose' | 'basis' | 'pair' | 'mid' | 'counter' | 'code' | 'token'>
  >;

type ActDeps = Pick<EvidenceDeps, 'ledger' | 'registry' | 'member' | 'clock'>;

/** Returns the key to settle after the commit. Acts name packets, people stay out of the ledger. */
export function recordAct(deps: ActDeps, tx: Queryable, act: Act, key?: Buffer): Promise<Buffer> {
  const { serial, sha256 } = deps.registry.current();
  const entry: EntryDraft = {
    basis: [],
    ...act,
    id: newId(),
    at: deps.clock().toISOString(),
    member: deps.member,
    registry: { serial, sha256 },
  };
  return deps.ledger.append(tx, entry, key);
}

export function refOf(entry: SettledEntry): Required<EntryRef> {
  const { origin, index, leaf, size, root } = entry;
  return { origin, index, leaf, size, root };
}
