/** Checkpoint text (c2sp.org/tlog-checkpoint): origin, size and root, as a signed note carries them. */
import { GatewayError } from '../../core/errors.ts';
import { parseNote } from './note.ts';
import { HASH_BYTES } from '../tree/merkle.ts';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

export function checkpointText(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString('base64')}\n`;
}

/** Untrusted `note`; says nothing about its signatures. Extension lines are let through. */
export function readCheckpoint(note: string): Checkpoint {
  const [origin = '', size = '', root = ''] = parseNote(note).text.split('\n');
  const bytes = Buffer.from(root, 'base64');
  const isForm = origin !== '' && /^(?:0|[1-9]\d*)$/.test(size) && Number.isSafeInteger(Number(size));
  if (!isForm || bytes.length !== HASH_BYTES || bytes.toString('base64') !== root) {
    throw new GatewayError(
      'ledger.note-invalid',
      'checkpoint: expected origin, decimal size and base64 root',
    );
  }
  return { origin, size: Number(size), root: bytes };
}
