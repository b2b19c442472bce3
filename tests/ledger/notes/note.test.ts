import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readCheckpoint, checkpointText } from '../../../src/ledger/notes/checkpoint.ts';
import {
  createLedgerKey,
  parseNote,
  readLedgerKey,
  signNote,
  verifyNote,
} from '../../../src/ledger/notes/note.ts';
import { readProof, writeProof } from '../../../src/ledger/notes/tlog-proof.ts';
import { Frontier, leafHash } from '../../../src/ledger/tree/merkle.ts';
import { inclusionPlan, resolvePlan, verifyInclusion } from '../../../src/ledger/tree/proof.ts';

interface Kat {
  log_vkey: string;
  witness_vkey: string;
  checkpoint: string;
  tlog_proof_index5: string;
  leaves_hex: string[];
  roots: string[];
  log_seed_hex: string;
}

const kat = JSON.parse(readFileSync(new URL('../../vectors/tlog-kat.json', import.meta.url), 'utf8')) as Kat;
const origin = 'gateway.example/agency-a/log';
const leaves = kat.leaves_hex.map((hex) => leafHash(Buffer.from(hex, 'hex')));

function katKey() {
  const encoded = Buffer.from(`01${kat.log_seed_hex}`, 'hex').toString('base64');
  return readLedgerKey(`PRIVATE+KEY+${origin}+42176d95+${encoded}`);
}

/** Signature lines of nobody: strange names, key ids, lengths; every third bears the given name. */
function grease(count: number, name: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const by = i % 3 === 0 ? name : `grease-${randomBytes(3).toString('hex')}.example/日志`;
    return `— ${by} ${randomBytes(5 + randomInt(3300)).toString('base64')}`;
  });
}

describe('signed note', () => {
  it('signs the known checkpoint byte for byte', () => {
    const key = katKey();
    assert.equal(key.vkey, kat.log_vkey);
    const frontier = new Frontier();
    for (const [size, root] of kat.roots.entries()) {
      assert.equal(frontier.root().toString('hex'), root, `size ${size}`);
      const leaf = leaves[size];
      if (leaf !== undefined) frontier.append(leaf);
    }
    const text = checkpointText({ origin, size: 8, root: frontier.root() });
    const known = kat.checkpoint.slice(0, kat.checkpoint.indexOf('— witness'));
    assert.equal(signNote(text, key), known);
  });

  it('verifies the known note and ignores lines of keys it does not know', () => {
    assert.deepEqual(verifyNote(kat.checkpoint, [kat.log_vkey]).signers, [kat.log_vkey]);
    const grease = `— grease.example/${Math.random()} ${Buffer.alloc(40, 7).toString('base64')}\n`;
    assert.deepEqual(verifyNote(kat.checkpoint + grease, [kat.log_vkey]).signers, [kat.log_vkey]);
  });

  it('tells keys of one name apart by their id', () => {
    const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
    const other = createLedgerKey('example.com/foo');
    const note = signNote('This is an example message.\n', readLedgerKey(other.privateKey));
    assert.deepEqual(verifyNote(note, [vkey, other.vkey]).signers, [other.vkey]);
  });

  it('refuses a note that a known key signed falsely, even beside a true signature', () => {
    const mine = readLedgerKey(createLedgerKey('a.example').privateKey);
    const yours = readLedgerKey(createLedgerKey('b.example').privateKey);
    const note = `text\n\n${mine.sign('text\n')}\n${yours.sign('other\n')}\n`;
    assert.throws(() => verifyNote(note, [mine.vkey, yours.vkey]), { code: 'ledger.proof-invalid' });
    assert.throws(() => verifyNote(note, [createLedgerKey('c.example').vkey]), {
      code: 'ledger.proof-invalid',
    });
    assert.deepEqual(verifyNote(note, [mine.vkey]).signers, [mine.vkey]);
  });

  it('keeps and ignores grease: lines of any key, of any length, up to a hundred', () => {
    const known = readLedgerKey(createLedgerKey('a.example').privateKey);
    const text = 'text\n';
    for (const count of [1, 16, 99]) {
      const lines = grease(count, known.name);
      lines.splice(randomInt(count + 1), 0, known.sign(text));
      const note = `${text}\n${lines.join('\n')}\n`;
      assert.deepEqual(verifyNote(note, [known.vkey]), { text, signers: [known.vkey] });
      const kept = parseNote(note).signatures.map(({ name, keyId, signature }) => {
        const bytes = Buffer.concat([Buffer.from(keyId, 'hex'), signature]);
        return `— ${name} ${bytes.toString('base64')}`;
      });
      assert.deepEqual(kept, lines);
    }
    const tooMany = `${text}\n${[...grease(100, 'b'), known.sign(text)].join('\n')}\n`;
    assert.throws(() => verifyNote(tooMany, [known.vkey]), { code: 'ledger.note-invalid' });
  });

  it('refuses a note for one false line of a known key, wherever it stands amid grease', () => {
    const known = readLedgerKey(createLedgerKey('a.example').privateKey);
    const text = 'text\n';
    const lineOf = (signature: Buffer): string =>
      `— ${known.name} ${Buffer.concat([Buffer.from(known.keyId, 'hex'), signature]).toString('base64')}`;
    const falsehoods = [known.sign('other\n'), ...[1, 63, 64, 65, 72].map((n) => lineOf(randomBytes(n)))];
    for (const line of falsehoods) {
      for (const at of [0, 8, 17]) {
        const lines = [...grease(16, known.name), known.sign(text)];
        lines.splice(at, 0, line);
        const note = `${text}\n${lines.join('\n')}\n`;
        assert.throws(() => verifyNote(note, [known.vkey]), { code: 'ledger.proof-invalid' }, line);
      }
    }
  });

  it('takes for white space in a name what Unicode does', () => {
    const line = (name: string): string => `text\n\n— ${name} AAAAAAAA\n`;
    for (const space of ['\u0085', '\u00a0', '\u2003', '\u3000', '+']) {
      assert.throws(() => parseNote(line(`a${space}b`)), { code: 'ledger.note-invalid' });
      assert.throws(() => createLedgerKey(`a${space}b`), { code: 'config.invalid' });
    }
    for (const name of ['联证', 'a\ufeffb', 'a\u200bb']) {
      assert.equal(parseNote(line(name)).signatures[0]?.name, name);
      const key = readLedgerKey(createLedgerKey(name).privateKey);
      assert.deepEqual(verifyNote(signNote('text\n', key), [key.vkey]).signers, [key.vkey]);
    }
  });

  it('refuses malformed notes', () => {
    const good = kat.checkpoint;
    const bad = [
      '',
      'text\n',
      good.slice(0, -1),
      good.replace('\n8\n', '\n8\t\n'),
      good.replace('\n8\n', '\n8\r\n'),
      good.replaceAll('— ', '- '),
      good.replace('ugY=', 'ugY'),
      good + '— x AAAA\n'.repeat(200),
    ];
    for (const note of bad) assert.throws(() => parseNote(note), { code: 'ledger.note-invalid' }, note);
  });

  it('splits at the last empty line', () => {
    const key = readLedgerKey(createLedgerKey('a.example').privateKey);
    const text = 'one\n\ntwo\n';
    assert.equal(parseNote(signNote(text, key)).text, text);
  });

  it('reads a checkpoint and refuses other spellings of it', () => {
    assert.equal(readCheckpoint(kat.checkpoint).size, 8);
    const spelled = (size: string, root = kat.checkpoint.split('\n')[2]): string =>
      `${origin}\n${size}\n${root}\n\n— a.example AAAAAAAA\n`;
    for (const note of [
      spelled('08'),
      spelled('-1'),
      spelled('1e3'),
      spelled('9007199254740992'),
      spelled('8', 'AA=='),
      spelled('8', 'XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh='),
    ]) {
      assert.throws(() => readCheckpoint(note), { code: 'ledger.note-invalid' }, note);
    }
  });

  it('refuses keys whose id is not theirs', () => {
    const { privateKey, vkey } = createLedgerKey('a.example');
    assert.throws(() => readLedgerKey(privateKey.replace('a.example', 'b.example')), {
      code: 'config.invalid',
    });
    assert.throws(() => verifyNote(kat.checkpoint, [vkey.replace('a.example', 'b.example')]), {
      code: 'config.invalid',
    });
  });
});

describe('tlog-proof', () => {
  it('writes and reads the known proof byte for byte', () => {
    const nodes = new Map(
      leaves
        .flatMap((leaf) => frontier.append(leaf))
        .map((node) => [`${node.level}/${node.index}`, node.hash]),
    );
    const hashes = resolvePlan(
      inclusionPlan(5, 8),
      ({ level, index }) => nodes.get(`${level}/${index}`) ?? Buffer.alloc(0),
    );
    assert.equal(writeProof({ index: 5, hashes, checkpoint: kat.checkpoint }), kat.tlog_proof_index5);
    const read = readProof(kat.tlog_proof_index5);
    const { size, root } = readCheckpoint(read.checkpoint);
    const leaf = leaves[5] ?? Buffer.alloc(0);
    assert.ok(verifyInclusion({ index: read.index, size, leaf, root, proof: read.hashes }));
  });
  const frontier = new Frontier();

  it('skips an extra line and refuses the old header', () => {
    const extra = kat.tlog_proof_index5.replace('index 5', 'extra aGk=\nindex 5');
    assert.deepEqual(readProof(extra), readProof(kat.tlog_proof_index5));
    const old = kat.tlog_proof_index5.replace('c2sp.org/tlog-proof@v1\n', '');
    for (const text of [old, '', kat.tlog_proof_index5.replace('index 5', 'index 05')]) {
      assert.throws(() => readProof(text), { code: 'ledger.proof-invalid' });
    }
  });
});
