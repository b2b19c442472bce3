import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Frontier, perfectSubtrees, type Subtree } from '../../../src/ledger/tree/merkle.ts';
import {
  consistencyPlan,
  inclusionPlan,
  resolvePlan,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/ledger/tree/proof.ts';
import { SparseTree } from './sparse-tree.ts';

const RUNS = { numRuns: 300 };
const TWO_32 = 2n ** 32n;
const TWO_53 = 2n ** 53n;

/** Two numbers in order, the greater one beyond 32 bits; near powers of two as often as anywhere. */
function pairBelow(limit: bigint): fc.Arbitrary<[bigint, bigint]> {
  const nearPower = fc
    .tuple(fc.integer({ min: 33, max: limit.toString(2).length - 2 }), fc.bigInt(-2n, 2n))
    .map(([level, offset]) => 2n ** BigInt(level) + offset);
  const large = fc.oneof(fc.bigInt(TWO_32 + 1n, limit - 1n), nearPower);
  const any = fc.oneof(fc.bigInt(1n, limit - 1n), large, fc.bigInt(1n, 1000n));
  return fc.tuple(any, large).map(([a, b]) => (a < b ? [a, b] : [b, a]));
}

const marks = fc.array(fc.bigInt(0n, TWO_53), { maxLength: 4 });

/** What a 32-bit operator would make of n, and its neighbours at that distance. */
function mistaken(n: bigint): bigint[] {
  return [BigInt.asUintN(32, n), n ^ TWO_32, n + TWO_32, n + 1n].filter((other) => other !== n);
}

function hashesOf(tree: SparseTree): (subtree: Subtree) => Buffer {
  return ({ level, index }) => {
    const width = 2n ** BigInt(level);
    return tree.hash(BigInt(index) * width, (BigInt(index) + 1n) * width);
  };
}

describe('trees beyond 2^32', () => {
  it('plan the inclusion proof of RFC 6962, up to 2^53', () => {
    fc.assert(
      fc.property(pairBelow(TWO_53), marks, ([size, end], others) => {
        const index = size - 1n;
        const tree = new SparseTree([index, ...others]);
        const proof = resolvePlan(inclusionPlan(Number(index), Number(end)), hashesOf(tree));
        assert.deepEqual(proof, tree.path(index, 0n, end));
      }),
      RUNS,
    );
  });

  it('plan the consistency proof of RFC 6962, up to 2^53', () => {
    fc.assert(
      fc.property(pairBelow(TWO_53), marks, ([size1, size2], others) => {
        const tree = new SparseTree([size1 - 1n, ...others]);
        const proof = resolvePlan(consistencyPlan(Number(size1), Number(size2)), hashesOf(tree));
        assert.deepEqual(proof, tree.proof(size1, size2));
      }),
      RUNS,
    );
  });

  it('prove an entry at its index and at no other, up to 2^63', () => {
    fc.assert(
      fc.property(pairBelow(2n ** 63n), marks, ([end, size], others) => {
        const index = end - 1n;
        const tree = new SparseTree([index, ...others]);
        const proof = tree.path(index, 0n, size);
        const claim = { index, size, leaf: tree.leaf(index), root: tree.hash(0n, size), proof };
        assert.ok(verifyInclusion(claim));
        for (const other of mistaken(index)) {
          assert.ok(!verifyInclusion({ ...claim, index: other }), `${other} for ${index}`);
        }
      }),
      RUNS,
    );
  });

  it('prove a size consistent with a later one, and no other size, up to 2^63', () => {
    fc.assert(
      fc.property(pairBelow(2n ** 63n), marks, ([size1, size2], others) => {
        const tree = new SparseTree([size1 - 1n, size2 - 1n, ...others]);
        const [root1, root2] = [tree.hash(0n, size1), tree.hash(0n, size2)];
        const claim = { size1, size2, root1, root2, proof: tree.proof(size1, size2) };
        assert.ok(verifyConsistency(claim));
        for (const other of mistaken(size1)) {
          assert.ok(!verifyConsistency({ ...claim, size1: other }), `${other} for ${size1}`);
        }
      }),
      RUNS,
    );
  });

  it('grow from a stored frontier', () => {
    fc.assert(
      fc.property(fc.bigInt(TWO_32, TWO_53 - 6n), marks, fc.nat(5), (size, others, more) => {
        const tree = new SparseTree([size, size + 2n, ...others]);
        const edge = perfectSubtrees(0, Number(size)).map(hashesOf(tree));
        const frontier = new Frontier(Number(size), Buffer.concat(edge));
        for (let i = size; i < size + BigInt(more); i++) frontier.append(tree.leaf(i));
        assert.deepEqual(frontier.root(), tree.hash(0n, size + BigInt(more)));
      }),
      RUNS,
    );
  });
});
