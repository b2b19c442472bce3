/** Checkpoints an auditor kept from earlier: an export that does not extend one shows a shortened or rewritten log. */
import { GatewayError } from '../../core/errors.ts';
import { readCheckpoint, type Checkpoint } from '../notes/checkpoint.ts';
import { verifyNote } from '../notes/note.ts';
import type { MatchedLedger } from './claims.ts';
import type { Findings } from './report.ts';
import type { LedgerTrust } from './trust.ts';

/**
 * Untrusted notes: only what a log itself signed is evidence against it. Throws ledger.note-invalid,
 * ledger.proof-invalid, and config.invalid for a log that is not among the exports, lest a check be left out unseen.
 */
export function readSeen(
  notes: readonly string[],
  trust: LedgerTrust,
  exported: readonly MatchedLedger[],
): Checkpoint[] {
  return notes.map((note) => {
    const checkpoint = readCheckpoint(note);
    const { origin } = checkpoint;
    if (!exported.some((ledger) => ledger.origin === origin)) {
      throw new GatewayError(
        'config.invalid',
        `a kept checkpoint is of ${origin}: expected a readable export of that log among the directories`,
      );
    }
    const trusted = trust.ledgers.find((ledger) => ledger.origin === origin);
    verifyNote(note, trusted?.vkeys.map(({ vkey }) => vkey) ?? []);
    return checkpoint;
  });
}

export function checkSeen(seen: readonly Checkpoint[], ledger: MatchedLedger, findings: Findings): void {
  for (const { origin, size, root } of seen) {
    if (origin !== ledger.origin || size === 0) continue;
    if (size > ledger.size) {
      const message = `it has signed a checkpoint of size ${size}, its export ends at ${ledger.size}`;
      findings.add({ class: 'fork', message });
    } else if (ledger.files.rootAt(size, ledger.size) !== root.toString('hex')) {
      const message = `it has signed another root for size ${size} than its export has`;
      findings.add({ class: 'fork', message });
    }
  }
}
