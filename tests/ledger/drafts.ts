/** Entry drafts for tests; all people and members are made up. */
import { newId } from '../../src/core/ids.ts';
import type { EntryDraft } from '../../src/ledger/entry.ts';
import { createLedgerKey, readLedgerKey, type LedgerKey } from '../../src/ledger/notes/note.ts';

export const ORIGIN = 'bank-a.example/ledger';
export const MEMBER = 'bank-a';
const SOME_DIGEST = 'ab'.repeat(32);

export function ledgerKey(origin: string): LedgerKey {
  return readLedgerKey(createLedgerKey(origin).privateKey);
}

export function draft(overrides: Partial<EntryDraft> = {}): EntryDraft {
  return {
    id: newId(),
    at: '2026-11-23T02:28:00.000Z',
    kind: 'screening.made',
    member: MEMBER,
    basis: ['反洗钱法 7'],
    registry: { serial: 1, sha256: SOME_DIGEST },
    subject: { type: 'screening', id: newId(), sha256: SOME_DIGEST, size: 321 },
    actor: 'system',
    ...overrides,
  };
}

/** A message offered to a peer. */
export function offer(peer: string, mid: string = newId()): EntryDraft {
  return draft({ kind: 'message.offered', peer, pair: { peer, dir: 'out' }, mid, group: 'g', purpose: 'p' });
}
