/** Proof files (c2sp.org/tlog-proof): an entry's place under a signed checkpoint, in one text. */
import { GatewayError } from '../../core/errors.ts';
import { readCheckpoint } from './checkpoint.ts';
import type { EntryRef } from '../entry.ts';
import { verifyNote } from './note.ts';
import { HASH_BYTES, leafHash } from '../tree/merkle.ts';
import { verifyInclusion } from '../tree/proof.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_PROOF_LINES = 63;

export interface TlogProof {
  readonly index: number;
  /** The leaf's sibling first. */
  readonly hashes: readonly Buffer[];
  /** Signed note, byte for byte. */
  readonly checkpoint: string;
}

export function writeProof(proof: TlogProof): string {
  const hashes = proof.hashes.map((hash) => `${hash.toString('base64')}\n`).join('');
  return `${HEADER}\nindex ${proof.index}\n${hashes}\n${proof.checkpoint}`;
}

/** Untrusted `text`. Throws ledger.proof-invalid. An `extra` line is skipped: nothing authenticates it. */
export function readProof(text: string): TlogProof {
  const split = text.indexOf('\n\n');
  const [header, ...lines] = text.slice(0, Math.max(split, 0)).split('\n');
  if (lines[0]?.startsWith('extra ') === true) lines.shift();
  const [, index] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '') ?? [];
  if (header !== HEADER || index === undefined || lines.length > MAX_PROOF_LINES) {
    throw invalid('expected the tlog-proof header, an index and at most 63 hashes');
  }
  return { index: Number(index), hashes: lines.map(readHash), checkpoint: text.slice(split + 2) };
}

export interface EntryProof {
  /** Exact bytes of the entry. */
  readonly entry: string;
  readonly proof: string;
  readonly origin: string;
  /** Keys of that log; one of them must have signed. */
  readonly vkeys: readonly string[];
}

/** Returns where the entry stands. Throws ledger.proof-invalid or ledger.note-invalid. */
export function verifyEntryProof(claim: EntryProof): Required<EntryRef> {
  const { index, hashes: proof, checkpoint: note } = readProof(claim.proof);
  verifyNote(note, claim.vkeys);
  const checkpoint = readCheckpoint(note);
  if (checkpoint.origin !== claim.origin) {
    throw invalid(`checkpoint is of ${checkpoint.origin}, expected ${claim.origin}`);
  }
  const leaf = leafHash(claim.entry);
  if (!verifyInclusion({ index, size: checkpoint.size, leaf, root: checkpoint.root, proof })) {
    throw invalid(`entry is not at index ${index} of the checkpoint's tree`);
  }
  return {
    origin: claim.origin,
    index,
    leaf: leaf.toString('hex'),
    size: checkpoint.size,
    root: checkpoint.root.toString('hex'),
  };
}

function readHash(line: string): Buffer {
  const bytes = Buffer.from(line, 'base64');
  if (bytes.length !== HASH_BYTES || bytes.toString('base64') !== line) throw invalid('malformed hash line');
  return bytes;
}

function invalid(message: string): GatewayError {
  return new GatewayError('ledger.proof-invalid', `tlog-proof: ${message}`);
}
