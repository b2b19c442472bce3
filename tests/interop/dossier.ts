/** All that a stranger is handed about one live ledger: export, older checkpoint, proofs, cosignatures. */
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWitnessKey, readWitnessKey } from '../../src/ledger/notes/cosignature.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { openLedger, type SettledEntry } from '../../src/ledger/ledger.ts';
import { parseNote } from '../../src/ledger/notes/note.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { foldPerfect } from '../../src/ledger/tree/fold.ts';
import { HASH_BYTES, type Subtree } from '../../src/ledger/tree/merkle.ts';
import { consistencyPlan, resolvePlan } from '../../src/ledger/tree/proof.ts';
import { TILE_HEIGHT, TILE_WIDTH, tileAt, tilePath } from '../../src/ledger/tree/tiles.ts';
import { writeAddCheckpoint } from '../../src/ledger/witness/add-checkpoint.ts';
import { draft, ledgerKey, MEMBER, offer, ORIGIN } from '../ledger/drafts.ts';
import { createTestDatabase } from '../world/database.ts';

/** Batches end at these sizes; the older checkpoint is that of OLD_SIZE. */
const SIZES = [1, 7, 256, 300, 700];
export const OLD_SIZE = 300;
export const SIZE = 700;
/** First, last, at both sides of a tile's and of a batch's edge, in the middle. */
const PROVEN = [0, 3, 6, 255, 256, 299, 300, 511, 512, 698, 699];
export const COSIGNED_AT = 1_767_225_600;

export interface Dossier {
  readonly directory: string;
  readonly vkey: string;
  /** name → vkey */
  readonly witnesses: Readonly<Record<string, string>>;
  readonly root: string;
  readonly proven: readonly SettledEntry[];
}

/** ledger/ (export), older, consistency, proofs/<index>.{tlog-proof,entry}. */
export async function makeDossier(directory: string): Promise<Dossier> {
  const world = await createTestDatabase();
  const { database } = world;
  const key = ledgerKey(ORIGIN);
  const ledger = await openLedger({ database, member: MEMBER, origin: ORIGIN, key, clock: () => new Date() });
  try {
    const proven: SettledEntry[] = [];
    let from = 0;
    for (const to of SIZES) {
      const [start, end] = [from, to];
      const keys = await database.transaction(async (tx) => {
        const appended: Buffer[] = [];
        for (let i = start; i < end; i++) appended.push(await ledger.append(tx, someDraft(i)));
        return appended;
      });
      const settled = await Promise.all(keys.map((appended) => ledger.settle(appended)));
      proven.push(...settled.filter(({ index }) => PROVEN.includes(index)));
      if (to === OLD_SIZE) writeFileSync(join(directory, 'older'), (await ledger.latest()).checkpoint);
      from = to;
    }
    const exported = join(directory, 'ledger');
    const { root } = await exportLedger(databaseSource(database), exported);
    writeProofs(join(directory, 'proofs'), proven);
    const witnesses = cosign(join(exported, 'checkpoint'));
    writeConsistency(directory);
    return { directory, vkey: key.vkey, witnesses, root, proven };
  } finally {
    await ledger.close();
    await world.close();
  }
}

export function copyOf({ directory }: Dossier, target: string): string {
  cpSync(directory, target, { recursive: true });
  return target;
}

/** Two peers, both directions, entries of no pair, and text that canonical JSON escapes and does not escape. */
function someDraft(i: number) {
  if (i % 5 === 0) return draft({ actor: `干警 "${i}" \\ / \u2028\u007f é 🜚 \b\f\n\r\t\u0001\u001f` });
  const peer = i % 3 === 0 ? 'bank-b' : 'police-p';
  return i % 2 === 0 ? offer(peer) : { ...offer(peer), pair: { peer, dir: 'in' as const } };
}

function writeProofs(directory: string, proven: readonly SettledEntry[]): void {
  mkdirSync(directory);
  for (const { index, entry, proof } of proven) {
    const stem = join(directory, String(index).padStart(3, '0'));
    writeFileSync(`${stem}.entry`, entry);
    writeFileSync(`${stem}.tlog-proof`, proof);
  }
}

/** Three witnesses, one of whom nobody asks for. */
function cosign(checkpoint: string): Record<string, string> {
  const { text } = parseNote(readFileSync(checkpoint, 'utf8'));
  const names = ['witness-one.example', 'stranger.example', 'witness-two.example'];
  const witnesses = names.map((name) => readWitnessKey(createWitnessKey(name).privateKey));
  for (const [i, witness] of witnesses.entries()) {
    appendFileSync(checkpoint, `${witness.cosign(text, COSIGNED_AT + i)}\n`);
  }
  const asked = witnesses.filter(({ name }) => name !== 'stranger.example');
  return Object.fromEntries(asked.map(({ name, vkey }) => [name, vkey]));
}

/** The proof from the exported tiles alone, in the form a witness is sent it. */
function writeConsistency(directory: string): void {
  const exported = join(directory, 'ledger');
  const proof = resolvePlan(consistencyPlan(OLD_SIZE, SIZE), (subtree) => hashInTiles(exported, subtree));
  const checkpoint = readFileSync(join(exported, 'checkpoint'), 'utf8');
  const request = writeAddCheckpoint({ old: OLD_SIZE, proof, checkpoint });
  writeFileSync(join(directory, 'consistency'), request);
}

function hashInTiles(exported: string, { level, index }: Subtree): Buffer {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const width = 2 ** (level % TILE_HEIGHT);
  const tile = tileAt(tileLevel, Math.floor((index * width) / TILE_WIDTH), SIZE);
  if (tile === undefined) throw new Error(`no tile holds ${level}/${index}`);
  const start = (index * width) % TILE_WIDTH;
  const bytes = readFileSync(join(exported, tilePath(tile)));
  return foldPerfect(bytes.subarray(start * HASH_BYTES, (start + width) * HASH_BYTES));
}
