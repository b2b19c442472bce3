/** Has a witness cosign what a mirror holds, with a proof from the mirror's own tiles. */
import { GatewayError } from '../../core/errors.ts';
import { ExportFiles } from '../audit/export-files.ts';
import { readCheckpoint } from '../notes/checkpoint.ts';
import { consistencyPlan, resolvePlan } from '../tree/proof.ts';
import { readConflict, writeAddCheckpoint } from '../witness/add-checkpoint.ts';
import type { Witness } from '../witness/witness.ts';
import { addLine } from './mirror.ts';

const MAX_TRIES = 3;

/** Returns false when the witness holds a newer checkpoint already. Throws ledger.proof-invalid when it refuses. */
export async function cosignMirror(directory: string, note: string, witness: Witness): Promise<boolean> {
  const { size } = readCheckpoint(note);
  let old = size;
  for (let tries = 0; tries < MAX_TRIES && old <= size; tries += 1) {
    const body = writeAddCheckpoint({ old, proof: proofFrom(directory, old, size), checkpoint: note });
    const answer = await witness.addCheckpoint(body);
    if (answer.status === 200) {
      await addLine(directory, answer.body.trimEnd());
      return true;
    }
    const latest = answer.status === 409 ? readConflict(answer.body) : undefined;
    if (latest === undefined) {
      throw new GatewayError(
        'ledger.proof-invalid',
        `our witness answered ${answer.status}: ${answer.body.trim()}`,
      );
    }
    old = latest;
  }
  return false;
}

function proofFrom(directory: string, old: number, size: number): readonly Buffer[] {
  if (old === 0 || old === size) return [];
  const files = new ExportFiles(directory);
  return resolvePlan(consistencyPlan(old, size), (subtree) => {
    const hash = files.subtree(subtree, size);
    if (hash === undefined) throw new GatewayError('ledger.proof-invalid', 'the mirror lacks a tile');
    return hash;
  });
}
