import assert from 'node:assert/strict';
import { sha256Hex } from '../../../src/core/digest.ts';
import { checkpointText } from '../../../src/ledger/notes/checkpoint.ts';
import { cosignaturesOf, createWitnessKey, readWitnessKey } from '../../../src/ledger/notes/cosignature.ts';
import { signNote, verifyNote } from '../../../src/ledger/notes/note.ts';
import {
  EMPTY_ROOT,
  foldSubtrees,
  leafHash,
  nodeHash,
  perfectSubtrees,
} from '../../../src/ledger/tree/merkle.ts';
import { consistencyPlan, resolvePlan } from '../../../src/ledger/tree/proof.ts';
import { writeAddCheckpoint } from '../../../src/ledger/witness/add-checkpoint.ts';
import { createWitness, type Witness } from '../../../src/ledger/witness/witness.ts';
import { readForks, type ForkEvidence } from '../../../src/ledger/witness/witness-store.ts';
import { openDatabase } from '../../../src/storage/database.ts';
import { createTestDatabase, type TestDatabase } from '../../world/database.ts';
import { ledgerKey } from '../drafts.ts';

const ORIGIN = 'log.example/a';
const NOW = new Date('2026-11-25T10:00:00Z');

/** A tree whose leaves are numbered, with `salt` from `from` on: two of them fork there. */
function tree(salt = '', from = Infinity) {
  const hashOf = ({ level, index }: { level: number; index: number }): Buffer =>
    level === 0
      ? leafHash(`${index}${index >= from ? salt : ''}`)
      : nodeHash(
          hashOf({ level: level - 1, index: 2 * index }),
          hashOf({ level: level - 1, index: 2 * index + 1 }),
        );
  return {
    root: (size: number) => (size === 0 ? EMPTY_ROOT : foldSubtrees(perfectSubtrees(0, size).map(hashOf))),
    proof: (old: number, size: number) =>
      old === 0 || old === size ? [] : resolvePlan(consistencyPlan(old, size), hashOf),
  };
}

describe('witness', () => {
  const key = ledgerKey(ORIGIN);
  const witnessKey = readWitnessKey(createWitnessKey('witness.example/b').privateKey);
  const honest = tree();
  let world: TestDatabase;
  let witness: Witness;
  let forks: ForkEvidence[];
  let setBacks: string[];

  const open = (database = world.database): Witness =>
    createWitness({
      database,
      key: witnessKey,
      clock: () => NOW,
      vkeysOf: (origin) => (origin === ORIGIN ? [key.vkey] : undefined),
      onFork: (_tx, fork) => {
        forks.push(fork);
        return Promise.resolve();
      },
      onSetBack: (why) => void setBacks.push(why),
    });
  beforeEach(async () => {
    world = await createTestDatabase();
    [forks, setBacks] = [[], []];
    witness = open();
  });
  afterEach(() => world.close());

  const checkpoint = (size: number, from = honest, signer = key): string =>
    signNote(checkpointText({ origin: ORIGIN, size, root: from.root(size) }), signer);
  const ask = (old: number, size: number, from = honest) =>
    witness.addCheckpoint(
      writeAddCheckpoint({ old, proof: from.proof(old, size), checkpoint: checkpoint(size, from) }),
    );

  it('cosigns what grows, and serves the note that it cosigned last', async () => {
    for (const [old, size] of [
      [0, 0],
      [0, 7],
      [7, 8],
      [8, 300],
      [300, 300],
    ] as const) {
      const { status, body } = await ask(old, size);
      assert.equal(status, 200, body);
      const note = `${checkpoint(size)}${body}`;
      assert.equal(cosignaturesOf(note, [witness.vkey])[0]?.seconds, NOW.getTime() / 1000);
      assert.equal(await witness.latest(sha256Hex(ORIGIN)), note);
      verifyNote(note, [key.vkey]);
    }
    assert.equal(await witness.latest(sha256Hex('other')), undefined);
    witness = open();
    assert.deepEqual(await ask(8, 301), { status: 409, mediaType: 'text/x.tlog.size', body: '300\n' });
  });

  it('answers each bad request with the status of the specification, and keeps its state', async () => {
    assert.equal((await ask(0, 5)).status, 200);
    const stranger = ledgerKey(ORIGIN);
    const foreign = signNote(checkpointText({ origin: 'log.example/x', size: 6, root: honest.root(6) }), key);
    const forged = checkpoint(6).replace(/— (\S+) \S+/, (_, name: string) => {
      return `— ${name} ${Buffer.concat([Buffer.from(key.keyId, 'hex'), Buffer.alloc(64)]).toString('base64')}`;
    });
    const proof = honest.proof(5, 6);
    const cases: readonly (readonly [number, string, string])[] = [
      [400, 'no request', 'hello'],
      [400, 'a size that is no number', `old x\n\n${checkpoint(6)}`],
      [
        400,
        'an old size beyond the checkpoint',
        writeAddCheckpoint({ old: 7, proof: [], checkpoint: checkpoint(6) }),
      ],
      [400, 'no checkpoint', 'old 5\n\nnothing\n'],
      [
        400,
        '64 hashes',
        writeAddCheckpoint({ old: 5, proof: Array<Buffer>(64).fill(EMPTY_ROOT), checkpoint: checkpoint(6) }),
      ],
      [
        403,
        'a key that is not registered',
        writeAddCheckpoint({ old: 5, proof, checkpoint: checkpoint(6, honest, stranger) }),
      ],
      [403, 'a false signature', writeAddCheckpoint({ old: 5, proof, checkpoint: forged })],
      [404, 'a log nobody knows', writeAddCheckpoint({ old: 5, proof, checkpoint: foreign })],
      [
        409,
        'another old size',
        writeAddCheckpoint({ old: 4, proof: honest.proof(4, 6), checkpoint: checkpoint(6) }),
      ],
      [
        409,
        'a checkpoint that is older',
        writeAddCheckpoint({ old: 3, proof: honest.proof(3, 4), checkpoint: checkpoint(4) }),
      ],
      [422, 'no proof', writeAddCheckpoint({ old: 5, proof: [], checkpoint: checkpoint(6) })],
      [
        422,
        'a proof too long',
        writeAddCheckpoint({ old: 5, proof: [...proof, EMPTY_ROOT], checkpoint: checkpoint(6) }),
      ],
      [
        422,
        'a proof of other hashes',
        writeAddCheckpoint({ old: 5, proof: proof.map(() => EMPTY_ROOT), checkpoint: checkpoint(6) }),
      ],
      [422, 'a proof where none is needed', writeAddCheckpoint({ old: 5, proof, checkpoint: checkpoint(5) })],
    ];
    for (const [status, what, body] of cases) {
      assert.equal((await witness.addCheckpoint(body)).status, status, what);
    }
    assert.equal(
      await witness.latest(sha256Hex(ORIGIN)),
      `${checkpoint(5)}${witnessKey.cosign(checkpointText({ origin: ORIGIN, size: 5, root: honest.root(5) }), NOW.getTime() / 1000)}\n`,
    );
    assert.deepEqual(forks, []);
  });

  it('keeps both notes of a log that signed two roots for one size, once', async () => {
    await ask(0, 5);
    const other = tree('forked', 3);
    assert.equal((await ask(5, 5, other)).status, 422);
    assert.equal((await ask(5, 5, other)).status, 422);
    assert.equal((await ask(0, 5, other)).status, 409);
    const kept = await readForks(world.database);
    assert.equal(kept.length, 1);
    assert.equal(forks.length, 1);
    for (const note of [kept[0]!.known, kept[0]!.shown]) verifyNote(note, [key.vkey]);
    assert.equal((await ask(5, 9, other)).status, 422);
    assert.equal((await ask(5, 9)).status, 200);
  });

  it('cosigns one history when two are shown at the same moment', async () => {
    await ask(0, 4);
    const { rows } = await world.database.query<{ note: string }>('SELECT note FROM witness_log');
    const before = [4, honest.root(4), rows[0]!.note];
    const shown = [honest, tree('forked', 4), honest, tree('forked', 4)];
    for (let round = 0; round < 10; round += 1) {
      await world.database.query('UPDATE witness_log SET size = $1, root = $2, note = $3', before);
      witness = open();
      const answers = await Promise.all(shown.map((history) => ask(4, 8, history)));
      const cosigned = new Set(
        shown.filter((_, i) => answers[i]?.status === 200).map(({ root }) => root(8).toString('hex')),
      );
      assert.equal(cosigned.size, 1, `${cosigned.size} histories cosigned at one size`);
    }
  });

  it('answers only what is durable', async () => {
    await ask(0, 5);
    const restarted = open();
    assert.ok((await restarted.latest(sha256Hex(ORIGIN)))?.startsWith(`${ORIGIN}\n5\n`));
    const careless = openDatabase({ url: world.url, synchronousCommit: 'off' });
    try {
      const inside = await careless.transaction(
        (tx) => tx.query<{ synchronous_commit: string }>('SHOW synchronous_commit'),
        { durable: true },
      );
      assert.equal(inside.rows[0]?.synchronous_commit, 'on');
    } finally {
      await careless.close();
    }
  });

  it('cosigns nothing more of a log whose memory was set back under it', async () => {
    await ask(0, 5);
    const { rows } = await world.database.query<{ root: Buffer; note: string }>('SELECT * FROM witness_log');
    assert.equal((await ask(5, 9)).status, 200);
    await world.database.query('UPDATE witness_log SET size = 5, root = $1, note = $2', [
      rows[0]?.root,
      rows[0]?.note,
    ]);
    await assert.rejects(ask(5, 9, tree('forked', 6)), { code: 'ledger.quarantined' });
    assert.deepEqual(setBacks, [`our witness cosigned 9 entries of ${ORIGIN}, this database remembers 5`]);
  });

  it('hands on no line that it did not check', async () => {
    const old = ledgerKey(ORIGIN);
    const text = checkpointText({ origin: ORIGIN, size: 5, root: honest.root(5) });
    const forged = `— ${ORIGIN} ${Buffer.concat([Buffer.from(old.keyId, 'hex'), Buffer.alloc(64)]).toString('base64')}`;
    const shown = `${signNote(text, key)}${forged}\n`;
    const answer = await witness.addCheckpoint(writeAddCheckpoint({ old: 0, proof: [], checkpoint: shown }));
    assert.equal(answer.status, 200);
    const note = (await witness.latest(sha256Hex(ORIGIN))) ?? '';
    // The log's own clearance reads it with all keys that it ever had.
    assert.deepEqual(verifyNote(note, [key.vkey, old.vkey]).signers, [key.vkey]);
    assert.equal(note, `${signNote(text, key)}${answer.body}`);
  });

  it('keeps sixteen proofs against a log that forks without end', async () => {
    await ask(0, 5);
    for (let i = 0; i < 20; i += 1) await ask(5, 5, tree(`forked ${i}`, 3));
    assert.equal((await readForks(world.database)).length, 16);
    assert.equal(forks.length, 16);
  });

  it('takes one connection for a log, however many ask about it at once', async () => {
    const single = openDatabase({ url: world.url, poolSize: 2 });
    try {
      const crowded = open(single);
      const body = writeAddCheckpoint({ old: 0, proof: [], checkpoint: checkpoint(5) });
      const crowd = Promise.all(Array.from({ length: 100 }, () => crowded.addCheckpoint(body)));
      let isOver = false;
      void crowd.finally(() => (isOver = true));
      await single.query('SELECT 1');
      assert.equal(isOver, false);
      const statuses = (await crowd).map(({ status }) => status);
      assert.deepEqual([statuses[0], new Set(statuses.slice(1))], [200, new Set([409])]);
    } finally {
      await single.close();
    }
  });
});
