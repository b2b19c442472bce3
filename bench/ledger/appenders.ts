/** Child of `bench -- ledger`: a ledger with its sequencer, and 64 callers that append and settle. */
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/core/clock.ts';
import type { EntryDraft } from '../../src/ledger/entry.ts';
import { openLedger, type SettledEntry } from '../../src/ledger/ledger.ts';
import { createLedgerKey, readLedgerKey } from '../../src/ledger/notes/note.ts';
import { verifyEntryProof } from '../../src/ledger/notes/tlog-proof.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { draftOf, MEMBER, ORIGIN } from './drafts.ts';
import { runLanes, serveLoad, type LoadRun } from './load.ts';

const PROVEN_EVERY = 100;
/** Rows of one filling transaction: a few full batches of the sequencer. */
const FILL = 4096;

const [url = ''] = process.argv.slice(2);
const database = openDatabase({ url });
/** An intake row needs no disk of its own: the batch's commit carries it. */
const intake = openDatabase({ url, synchronousCommit: 'off' });
const ledger = await openLedger({
  database,
  member: MEMBER,
  origin: ORIGIN,
  key: readLedgerKey(createLedgerKey(ORIGIN).privateKey),
  clock: systemClock,
  onError: (error) => process.stderr.write(`${String(error)}\n`),
});
let made = 0;

serveLoad((command) => {
  if ('grow' in command) return grow(command.grow);
  return runLanes(command.measure, () => actOne(command.own === true ? actInOwnTransaction : record));
});

async function actOne(act: (draft: EntryDraft) => Promise<SettledEntry>): Promise<void> {
  const n = made++;
  const { entry, proof } = await act(draftOf(n));
  if (n % PROVEN_EVERY === 0) verifyEntryProof({ entry, proof, origin: ORIGIN, vkeys: [ledger.vkey] });
}

function record(draft: EntryDraft): Promise<SettledEntry> {
  return ledger.record(draft);
}

/** A transaction of one statement for each, as the baseline's INSERT is. */
async function actInOwnTransaction(draft: EntryDraft): Promise<SettledEntry> {
  return ledger.settle(await ledger.append(intake, draft));
}

/** Fills the log up to `entries` through the same intake and sequencer, thousands of acts a transaction. */
async function grow(entries: number): Promise<LoadRun> {
  const started = performance.now();
  const before = (await ledger.latest()).size;
  let previous = Promise.resolve();
  for (let size = before; size < entries; size += FILL) {
    const rows = Array.from({ length: Math.min(FILL, entries - size) }, () => ({
      draft: draftOf(made++),
      key: randomBytes(32),
    }));
    await database.transaction(async (tx) => tx.last(ledger.intake(rows)));
    await previous;
    previous = ledger.settle(rows.at(-1)!.key, 60_000).then(() => undefined);
  }
  await previous;
  const perSecond = ((entries - before) / (performance.now() - started)) * 1000;
  return { perSecond, p95: NaN };
}
