/** RFC 6962 sections 2.1.1 and 2.1.2: which subtrees a proof consists of, and how a proof is verified. */
import { floorLog2, foldSubtrees, HASH_BYTES, nodeHash, perfectSubtrees, type Subtree } from './merkle.ts';

/** One hash of a proof: the fold of these perfect subtrees, left to right. */
export type ProofStep = readonly Subtree[];

/** PATH(index, D[size]): the leaf's sibling first. Requires 0 <= index < size. */
export function inclusionPlan(index: number, size: number): ProofStep[] {
  const steps: ProofStep[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      steps.push(perfectSubtrees(middle, end));
      end = middle;
    } else {
      steps.push(perfectSubtrees(start, middle));
      start = middle;
    }
  }
  return steps.reverse();
}

/** PROOF(old, D[size]). Requires 0 < old <= size. */
export function consistencyPlan(old: number, size: number): ProofStep[] {
  const steps: ProofStep[] = [];
  let start = 0;
  let end = size;
  while (end > old) {
    const middle = start + splitPoint(end - start);
    if (old <= middle) {
      steps.push(perfectSubtrees(middle, end));
      end = middle;
    } else {
      steps.push(perfectSubtrees(start, middle));
      start = middle;
    }
  }
  // The old tree is itself a subtree of the new one only when the walk never left the left edge.
  if (start > 0) steps.push(perfectSubtrees(start, end));
  return steps.reverse();
}

export function resolvePlan(plan: readonly ProofStep[], hashOf: (subtree: Subtree) => Buffer): Buffer[] {
  return plan.map((step) => foldSubtrees(step.map(hashOf)));
}

/** Largest power of two strictly below n; n >= 2. */
function splitPoint(n: number): number {
  return 2 ** floorLog2(n - 1);
}

export interface InclusionClaim {
  readonly index: number | bigint;
  readonly size: number | bigint;
  readonly leaf: Buffer;
  readonly root: Buffer;
  readonly proof: readonly Buffer[];
}

/** Exact-length verification; every value is attacker-controlled. */
export function verifyInclusion(claim: InclusionClaim): boolean {
  const index = BigInt(claim.index);
  const size = BigInt(claim.size);
  if (index < 0n || index >= size || !areHashes([claim.leaf, ...claim.proof])) return false;
  const inner = bitLength(index ^ (size - 1n));
  if (claim.proof.length !== inner + onesIn(index >> BigInt(inner))) return false;
  const root = claim.proof.reduce(
    (node, sibling, i) => (i < inner && !bit(index, i) ? nodeHash(node, sibling) : nodeHash(sibling, node)),
    claim.leaf,
  );
  return root.equals(claim.root);
}

export interface ConsistencyClaim {
  readonly size1: number | bigint;
  readonly size2: number | bigint;
  readonly root1: Buffer;
  readonly root2: Buffer;
  readonly proof: readonly Buffer[];
}

/** False for size1 = 0: any tree extends the empty one, so such a proof says nothing. */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const size1 = BigInt(claim.size1);
  const size2 = BigInt(claim.size2);
  if (size1 <= 0n || size1 > size2 || !areHashes(claim.proof)) return false;
  if (size1 === size2) return claim.proof.length === 0 && claim.root1.equals(claim.root2);
  const shift = trailingZeros(size1);
  const inner = bitLength((size1 - 1n) ^ (size2 - 1n)) - shift;
  const border = onesIn((size1 - 1n) >> BigInt(inner + shift));
  const isPower = size1 === 1n << BigInt(shift);
  const seed = isPower ? claim.root1 : claim.proof[0];
  const path = isPower ? claim.proof : claim.proof.slice(1);
  if (seed === undefined || path.length !== inner + border) return false;
  const mask = (size1 - 1n) >> BigInt(shift);
  const isRight = (i: number): boolean => i >= inner || bit(mask, i);
  const old = path.reduce((node, next, i) => (isRight(i) ? nodeHash(next, node) : node), seed);
  const grown = path.reduce(
    (node, next, i) => (isRight(i) ? nodeHash(next, node) : nodeHash(node, next)),
    seed,
  );
  return old.equals(claim.root1) && grown.equals(claim.root2);
}

function areHashes(values: readonly Buffer[]): boolean {
  return values.every((value) => value.length === HASH_BYTES);
}

function bit(n: bigint, i: number): boolean {
  return ((n >> BigInt(i)) & 1n) === 1n;
}

function bitLength(n: bigint): number {
  return n === 0n ? 0 : n.toString(2).length;
}

function onesIn(n: bigint): number {
  return n.toString(2).replaceAll('0', '').length;
}

function trailingZeros(n: bigint): number {
  const bits = n.toString(2);
  return bits.length - 1 - bits.lastIndexOf('1');
}
