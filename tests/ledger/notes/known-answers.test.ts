import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkpointText, readCheckpoint } from '../../../src/ledger/notes/checkpoint.ts';
import { readWitnessKey } from '../../../src/ledger/notes/cosignature.ts';
import { parseNote, readLedgerKey, signNote, verifyNote } from '../../../src/ledger/notes/note.ts';
import { withLength } from '../../../src/ledger/serving/source.ts';
import { readProof, verifyEntryProof } from '../../../src/ledger/notes/tlog-proof.ts';
import { Frontier, leafHash, type Subtree } from '../../../src/ledger/tree/merkle.ts';
import { consistencyPlan, resolvePlan, verifyConsistency } from '../../../src/ledger/tree/proof.ts';
import { readAddCheckpoint, writeAddCheckpoint } from '../../../src/ledger/witness/add-checkpoint.ts';
import { createWitness } from '../../../src/ledger/witness/witness.ts';
import { createTestDatabase } from '../../world/database.ts';

interface KnownAnswers {
  readonly log_vkey: string;
  readonly witness_vkey: string;
  readonly log_seed_hex: string;
  readonly witness_seed_hex: string;
  readonly cosig_time: number;
  readonly checkpoint: string;
  readonly tlog_proof_index5: string;
  readonly add_checkpoint_body_old6: string;
  readonly entries_bundle_hex: string;
  readonly leaves_hex: readonly string[];
  readonly roots: readonly string[];
  readonly mldsa44: { readonly sig_line: string };
  readonly kat_sha256: Readonly<Record<'checkpoint' | 'tlog_proof' | 'add_checkpoint', string>>;
}

const file = new URL('../../vectors/tlog-kat.json', import.meta.url);
const known = JSON.parse(readFileSync(file, 'utf8')) as KnownAnswers;
const origin = 'gateway.example/agency-a/log';
const leaves = known.leaves_hex.map((hex) => Buffer.from(hex, 'hex'));

/** Go's form of a private key. */
function privateKey(vkey: string, type: string, seedHex: string): string {
  const [name = '', id = ''] = vkey.split('+');
  return `PRIVATE+KEY+${name}+${id}+${Buffer.from(type + seedHex, 'hex').toString('base64')}`;
}

describe('known answers', () => {
  const root = (size: number): Buffer => Buffer.from(known.roots[size] ?? '', 'hex');

  it('are the bytes whose digests came with them', () => {
    const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
    assert.equal(digest(known.checkpoint), known.kat_sha256.checkpoint);
    assert.equal(digest(known.tlog_proof_index5), known.kat_sha256.tlog_proof);
    assert.equal(digest(known.add_checkpoint_body_old6), known.kat_sha256.add_checkpoint);
  });

  it('bundle the entries byte for byte', () => {
    const bundle = Buffer.concat(leaves.map((leaf) => withLength(leaf.toString('latin1'))));
    assert.equal(bundle.toString('hex'), known.entries_bundle_hex);
  });

  it('prove the entry of the proof file, and no other', () => {
    const claim = { proof: known.tlog_proof_index5, origin, vkeys: [known.log_vkey] };
    for (const [index, leaf] of leaves.entries()) {
      const verify = () => verifyEntryProof({ ...claim, entry: leaf.toString('latin1') });
      if (index === 5) assert.equal(verify().index, 5);
      else assert.throws(verify, { code: 'ledger.proof-invalid' });
    }
  });

  it('prove the tree of six entries consistent with that of eight', () => {
    const request = readAddCheckpoint(known.add_checkpoint_body_old6);
    assert.equal(request.old, 6);
    const frontier = new Frontier();
    const nodes = leaves.flatMap((leaf) => frontier.append(leafHash(leaf)));
    const hashOf = ({ level, index }: Subtree): Buffer =>
      nodes.find((node) => node.level === level && node.index === index)?.hash ?? Buffer.alloc(0);
    const proof = resolvePlan(consistencyPlan(6, 8), hashOf);
    assert.deepEqual(proof, request.proof);
    assert.equal(writeAddCheckpoint({ ...request, proof }), known.add_checkpoint_body_old6);
    const checkpoint = readCheckpoint(request.checkpoint);
    const claim = { size1: 6, size2: checkpoint.size, root1: root(6), root2: checkpoint.root, proof };
    assert.ok(verifyConsistency(claim));
    assert.ok(!verifyConsistency({ ...claim, root1: root(5) }));
  });

  it('make the witness cosign as its twin did', async () => {
    const world = await createTestDatabase();
    try {
      const witness = createWitness({
        database: world.database,
        key: readWitnessKey(privateKey(known.witness_vkey, '04', known.witness_seed_hex)),
        clock: () => new Date(known.cosig_time * 1000),
        vkeysOf: (of) => (of === origin ? [known.log_vkey] : undefined),
        onFork: () => Promise.reject(new Error('no fork')),
      });
      const log = readLedgerKey(privateKey(known.log_vkey, '01', known.log_seed_hex));
      const six = signNote(checkpointText({ origin, size: 6, root: root(6) }), log);
      const first = await witness.addCheckpoint(writeAddCheckpoint({ old: 0, proof: [], checkpoint: six }));
      assert.equal(first.status, 200);
      const answer = await witness.addCheckpoint(known.add_checkpoint_body_old6);
      assert.equal(answer.status, 200);
      assert.equal(
        readAddCheckpoint(known.add_checkpoint_body_old6).checkpoint + answer.body,
        known.checkpoint,
      );
    } finally {
      await world.close();
    }
  });

  it('keep a post-quantum cosignature, 3 kB in one line, that nobody here can read', () => {
    const note = `${known.checkpoint}${known.mldsa44.sig_line}`;
    assert.deepEqual(verifyNote(note, [known.log_vkey]).signers, [known.log_vkey]);
    const kept = parseNote(note).signatures.at(-1);
    assert.equal(kept?.keyId, '41942f57');
    assert.equal(kept.signature.length, 8 + 2420);
    const proof = known.tlog_proof_index5 + known.mldsa44.sig_line;
    assert.equal(readProof(proof).checkpoint, note);
  });
});
