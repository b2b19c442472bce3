/** Prints the worked example of docs/ledger-format.md: a log of three entries made by the ledger's own code from fixed input. */
import { createPrivateKey, createPublicKey, hash } from 'node:crypto';
import type { EntryDraft } from '../src/ledger/entry.ts';
import { readWitnessKey, witnessName } from '../src/ledger/notes/cosignature.ts';
import { readLedgerKey } from '../src/ledger/notes/note.ts';
import { buildBatch, EMPTY_HEAD } from '../src/ledger/sequence/batch.ts';
import { consistencyPlan, inclusionPlan, resolvePlan, type ProofStep } from '../src/ledger/tree/proof.ts';
import { writeProof } from '../src/ledger/notes/tlog-proof.ts';
import { writeAddCheckpoint } from '../src/ledger/witness/add-checkpoint.ts';

const ORIGIN = 'lianzheng-east.example/bank-a/log';
const REGISTRY = { serial: 1, sha256: hash('sha256', 'registry') };
const MID = '01909f7e-1d5c-7a3b-8e7e-0123456789ab';
const BATCH = '01909f7e-1d5c-7a3b-8e7e-0123456789aa';

const base = { member: 'bank-a', registry: REGISTRY, actor: 'gateway' };
const shared = {
  ...base,
  peer: 'police-p',
  group: 'broker-features',
  purpose: 'RISK_PREVENTION',
  basis: ['PIPL-13'],
  subject: { type: 'feature-batch', id: BATCH, sha256: hash('sha256', 'payload') },
  pair: { peer: 'police-p', dir: 'out' as const },
  mid: MID,
};
const drafts: readonly EntryDraft[] = [
  {
    ...base,
    id: '01909f7e-1d5c-7a3b-8e7e-000000000000',
    at: '2026-07-01T08:00:00.000Z',
    kind: 'registry.adopted',
    basis: [],
    subject: { type: 'registry', id: 'lianzheng-east/1', sha256: REGISTRY.sha256, size: 8 },
  },
  {
    ...shared,
    id: '01909f7e-1d5c-7a3b-8e7e-000000000001',
    at: '2026-07-01T08:00:01.000Z',
    kind: 'message.offered',
  },
  {
    ...shared,
    id: '01909f7e-1d5c-7a3b-8e7e-000000000002',
    at: '2026-07-01T08:00:02.000Z',
    kind: 'message.acknowledged',
    counter: { origin: 'lianzheng-east.example/police-p/log', index: 7, leaf: hash('sha256', 'acceptance') },
    token: hash('sha256', 'answer token'),
  },
];

/** The Ed25519 seed is 32 bytes of `fill`: an example, never a key. `type` as signed notes number them. */
function exampleKey(name: string, type: 1 | 4, fill: number): string {
  const seed = Buffer.alloc(32, fill);
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  const publicKey = key.export({ format: 'der', type: 'spki' }).subarray(-32);
  const named = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey]);
  const encoded = Buffer.concat([Buffer.of(type), seed]).toString('base64');
  return `PRIVATE+KEY+${name}+${hash('sha256', named).slice(0, 8)}+${encoded}`;
}

const key = readLedgerKey(exampleKey(ORIGIN, 1, 1));
const batch = buildBatch(
  {
    head: EMPTY_HEAD,
    pairs: [],
    rows: drafts.map((draft, id) => ({
      id,
      key: Buffer.alloc(32, id),
      draft: JSON.stringify(draft),
      known: false,
    })),
  },
  { origin: ORIGIN, key },
  (_row, error) => {
    throw error;
  },
);
const nodes = new Map(batch.nodes.map((node) => [`${node.level}/${node.index}`, node.hash]));
const resolve = (plan: readonly ProofStep[]) =>
  resolvePlan(plan, ({ level, index }) => nodes.get(`${level}/${index}`) ?? Buffer.alloc(0));
const witness = readWitnessKey(exampleKey(witnessName('lianzheng-east.example/police-p/log'), 4, 2));
const hashes = resolve(inclusionPlan(1, batch.head.size));
const text = batch.checkpoint.slice(0, batch.checkpoint.indexOf('\n\n') + 1);
const request = { old: 1, proof: resolve(consistencyPlan(1, batch.head.size)), checkpoint: batch.checkpoint };
process.stdout.write(`vkey ${key.vkey}\n\n`);
for (const [index, { body, leaf }] of batch.entries.entries())
  process.stdout.write(
    `entry ${index}, ${Buffer.byteLength(body)} bytes\n${body}\nleaf ${leaf.toString('hex')}\n\n`,
  );
for (const { level, index, hash: node } of batch.nodes.filter((each) => each.level > 0))
  process.stdout.write(`node ${level}/${index} ${node.toString('hex')}\n`);
process.stdout.write(`root ${batch.head.root.toString('hex')}\n\ncheckpoint\n${batch.checkpoint}\n`);
process.stdout.write(`proof of entry 1\n${writeProof({ index: 1, hashes, checkpoint: batch.checkpoint })}\n`);
process.stdout.write(`witness ${witness.vkey}\ncosignature\n${witness.cosign(text, 1_782_892_803)}\n\n`);
process.stdout.write(`add-checkpoint to a witness that cosigned size 1\n${writeAddCheckpoint(request)}`);
