/** What the ledger keeps of personal values: one Merkle root over their salted commitments. */
import { Frontier, leafHash } from '../ledger/tree/merkle.ts';

export interface CommitmentRoot {
  /** RFC 6962 root over the commitments in their order, hex. */
  readonly root: string;
  readonly count: number;
}

/** Undefined when there is nothing personal. @param commitments hex SHA-256 each. */
export function commitmentRoot(commitments: readonly string[]): CommitmentRoot | undefined {
  if (commitments.length === 0) return undefined;
  const tree = new Frontier();
  for (const commitment of commitments) tree.append(leafHash(Buffer.from(commitment, 'hex')));
  return { root: tree.root().toString('hex'), count: commitments.length };
}
