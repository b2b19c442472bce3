import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { foldPerfect } from '../../../src/ledger/tree/fold.ts';
import {
  floorLog2,
  foldSubtrees,
  Frontier,
  leafHash,
  nodeHash,
  perfectSubtrees,
} from '../../../src/ledger/tree/merkle.ts';
import {
  consistencyPlan,
  inclusionPlan,
  resolvePlan,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/ledger/tree/proof.ts';

interface InclusionCase {
  name: string;
  leafIdx: string;
  treeSize: string;
  root: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
}

interface ConsistencyCase {
  name: string;
  size1: string;
  size2: string;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

/** Sizes in the vectors reach 2^64−1, which JSON.parse would round. */
function vectors<T>(file: string): T[] {
  const text = readFileSync(new URL(`../../vectors/merkle/${file}`, import.meta.url), 'utf8');
  const exact = text.replace(/"(leafIdx|treeSize|size1|size2)":\s*(\d+)/g, '"$1":"$2"');
  return (JSON.parse(exact) as { cases: T[] }).cases;
}

const bytes = (base64: string): Buffer => Buffer.from(base64 ?? '', 'base64');

/** RFC 6962 section 2.1 as it is written, recursive and slow. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return foldSubtrees([]);
  if (leaves.length === 1) return leaves[0] ?? Buffer.alloc(0);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

function grow(size: number) {
  const leaves = Array.from({ length: size }, (_, i) => leafHash(`entry ${i}`));
  const frontier = new Frontier();
  const nodes = new Map(
    leaves.flatMap((leaf) => frontier.append(leaf)).map((n) => [`${n.level}/${n.index}`, n.hash]),
  );
  const hashOf = ({ level, index }: { level: number; index: number }): Buffer => {
    const found = nodes.get(`${level}/${index}`);
    assert.ok(found, `node ${level}/${index} is not complete`);
    return found;
  };
  return { leaves, frontier, hashOf };
}

/** The proof with a hash too many, one too few, and with one bit of one hash flipped. */
function spoiled(proof: readonly Buffer[], seed: number): Buffer[][] {
  const more = [...proof, leafHash('one too many')];
  if (proof.length === 0) return [more];
  const at = seed % proof.length;
  const flipped = proof.map((hash) => Buffer.from(hash));
  flipped[at]?.writeUInt8((flipped[at][seed % 32] ?? 0) ^ (1 << (seed % 8)), seed % 32);
  return [more, proof.slice(1), proof.slice(0, -1), flipped];
}

describe('merkle tree', () => {
  it('hashes leaves and nodes as the known answers of RFC 6962', () => {
    assert.equal(
      leafHash('L123456').toString('hex'),
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
    assert.equal(
      nodeHash(Buffer.from('N123'), Buffer.from('N456')).toString('hex'),
      'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
    );
  });

  const inclusion = vectors<InclusionCase>('inclusion.json');
  it(`judges all ${inclusion.length} inclusion vectors as transparency-dev does`, () => {
    assert.equal(inclusion.length, 98);
    for (const v of inclusion) {
      const ok = verifyInclusion({
        index: BigInt(v.leafIdx),
        size: BigInt(v.treeSize),
        leaf: bytes(v.leafHash),
        root: bytes(v.root),
        proof: (v.proof ?? []).map(bytes),
      });
      assert.equal(ok, !v.wantErr, v.name);
    }
  });

  const consistency = vectors<ConsistencyCase>('consistency.json');
  it(`judges all ${consistency.length} consistency vectors as transparency-dev does`, () => {
    assert.equal(consistency.length, 98);
    for (const v of consistency) {
      const ok = verifyConsistency({
        size1: BigInt(v.size1),
        size2: BigInt(v.size2),
        root1: bytes(v.root1),
        root2: bytes(v.root2),
        proof: (v.proof ?? []).map(bytes),
      });
      assert.equal(ok, !v.wantErr, v.name);
    }
  });

  describe('of every size from 1 to 300', () => {
    const { leaves, hashOf } = grow(300);
    const roots = Array.from({ length: 301 }, (_, size) => treeHash(leaves.slice(0, size)));
    const rootOf = (size: number): Buffer => roots[size] ?? Buffer.alloc(0);

    it('proves every entry, and nothing else', () => {
      for (let size = 1; size <= 300; size++) {
        const root = rootOf(size);
        for (let index = 0; index < size; index++) {
          const proof = resolvePlan(inclusionPlan(index, size), hashOf);
          const leaf = leaves[index] ?? Buffer.alloc(0);
          const claim = { index, size, leaf, root, proof };
          assert.ok(verifyInclusion(claim), `${index} of ${size}`);
          assert.ok(!verifyInclusion({ ...claim, index: (index + 1) % (size + 1) }), `${index} of ${size}`);
          for (const wrong of spoiled(proof, index)) {
            assert.ok(!verifyInclusion({ ...claim, proof: wrong }), `${index} of ${size}`);
          }
        }
      }
    });

    it('proves it consistent with every later one, and with nothing else', () => {
      for (let size2 = 1; size2 <= 300; size2++) {
        for (let size1 = 1; size1 <= size2; size1++) {
          const proof = resolvePlan(consistencyPlan(size1, size2), hashOf);
          const [root1, root2] = [rootOf(size1), rootOf(size2)];
          const claim = { size1, size2, root1, root2, proof };
          assert.ok(verifyConsistency(claim), `${size1} to ${size2}`);
          assert.ok(!verifyConsistency({ ...claim, root1: rootOf(size1 - 1) }), `${size1} to ${size2}`);
          assert.ok(!verifyConsistency({ ...claim, root2: rootOf(size2 - 1) }), `${size1} to ${size2}`);
          for (const wrong of spoiled(proof, size1)) {
            assert.ok(!verifyConsistency({ ...claim, proof: wrong }), `${size1} to ${size2}`);
          }
        }
      }
    });
  });

  it('grows from a stored frontier to the same root as in one go', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (first, more) => {
        const { leaves } = grow(first + more);
        const before = new Frontier();
        for (const leaf of leaves.slice(0, first)) before.append(leaf);
        const after = new Frontier(first, before.bytes());
        for (const leaf of leaves.slice(first)) after.append(leaf);
        assert.deepEqual(after.root(), treeHash(leaves));
      }),
      { numRuns: 30 },
    );
  });

  it('plans proofs for indices beyond 32 bits', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        const [index, size] = [Math.min(a, b), Math.max(a, b) + 1];
        if (!Number.isSafeInteger(size)) return;
        const covered = inclusionPlan(index, size)
          .flat()
          .reduce((sum, { level }) => sum + 2n ** BigInt(level), 1n);
        assert.equal(covered, BigInt(size));
        assert.ok(
          perfectSubtrees(0, size).every(({ index: i, level }) => Number.isSafeInteger(i) && level < 53),
        );
      }),
    );
  });

  it('takes exact logarithms at every power of two', () => {
    for (let level = 0; level < 53; level++) {
      assert.equal(floorLog2(2 ** level), level);
      if (level > 1) assert.equal(floorLog2(2 ** level - 1), level - 1);
    }
  });

  it('folds a tile as the tree does, and leaves the tile as it was', () => {
    const { leaves } = grow(256);
    const tile = Buffer.concat(leaves);
    const copy = Buffer.from(tile);
    assert.deepEqual(foldPerfect(tile), treeHash(leaves));
    assert.deepEqual(tile, copy);
  });
});
