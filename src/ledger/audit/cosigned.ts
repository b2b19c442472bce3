/** Who cosigned a checkpoint, and whether that makes the quorum that the alliance agreed on. */
import { isGatewayError } from '../../core/errors.ts';
import { cosignaturesOf } from '../notes/cosignature.ts';
import type { WitnessPolicy } from '../witness/policy.ts';
import type { Findings } from './report.ts';

export interface CosignedBy {
  /** Names in the policy, in its order. */
  readonly cosignedBy: readonly string[];
  /** Null where no policy asks for one. A log that nobody has cosigned yet is not invalid: the reader decides. */
  readonly quorum: boolean | null;
}

/** A false line of a known witness is a `signature` failure; lines of strangers are ignored. */
export function checkCosignatures(
  note: string,
  policy: WitnessPolicy | undefined,
  findings: Findings,
): CosignedBy {
  if (policy === undefined || policy.witnesses.length === 0) return { cosignedBy: [], quorum: null };
  const signers = new Set<string>();
  for (const { vkey } of policy.witnesses) {
    try {
      for (const { vkey: signer } of cosignaturesOf(note, [vkey])) signers.add(signer);
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      findings.add({ class: 'signature', message: error.message });
    }
  }
  const cosignedBy = policy.witnesses.filter(({ vkey }) => signers.has(vkey)).map(({ name }) => name);
  return { cosignedBy, quorum: policy.isQuorum(signers) };
}
