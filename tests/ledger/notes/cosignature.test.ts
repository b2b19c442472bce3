import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cosignaturesOf, createWitnessKey, readWitnessKey } from '../../../src/ledger/notes/cosignature.ts';
import { createLedgerKey, parseNote, verifyNote } from '../../../src/ledger/notes/note.ts';

interface Known {
  readonly log_vkey: string;
  readonly witness_vkey: string;
  readonly witness_seed_hex: string;
  readonly cosig_time: number;
  readonly checkpoint: string;
}

const known = JSON.parse(
  readFileSync(new URL('../../vectors/tlog-kat.json', import.meta.url), 'utf8'),
) as Known;

describe('cosignature', () => {
  const { text, signatures } = parseNote(known.checkpoint);
  const seed = Buffer.from(`04${known.witness_seed_hex}`, 'hex').toString('base64');
  const [name = '', id = ''] = known.witness_vkey.split('+');
  const witness = readWitnessKey(`PRIVATE+KEY+${name}+${id}+${seed}`);

  it('writes the known answer byte for byte', () => {
    assert.equal(witness.vkey, known.witness_vkey);
    assert.ok(known.checkpoint.includes(`${witness.cosign(text, known.cosig_time)}\n`));
    assert.equal(signatures.length, 2);
  });

  it('reads name and time, and says which line it was', () => {
    const found = cosignaturesOf(known.checkpoint, [createWitnessKey('other').vkey, known.witness_vkey]);
    assert.deepEqual(
      found.map(({ vkey, name: by, seconds }) => ({ vkey, by, seconds })),
      [{ vkey: known.witness_vkey, by: name, seconds: known.cosig_time }],
    );
    assert.equal(found[0]?.line, witness.cosign(text, known.cosig_time));
  });

  it('takes the latest of one cosigner, and refuses the note for one false line of it', () => {
    const later = witness.cosign(text, known.cosig_time + 60);
    assert.equal(
      cosignaturesOf(`${known.checkpoint}${later}\n`, [witness.vkey])[0]?.seconds,
      known.cosig_time + 60,
    );
    const forged = witness.cosign(`${text}more\n`, known.cosig_time);
    assert.throws(() => cosignaturesOf(`${known.checkpoint}${forged}\n`, [witness.vkey]), {
      code: 'ledger.proof-invalid',
    });
    const short = `— ${name} ${Buffer.concat([Buffer.from(id, 'hex'), Buffer.alloc(64)]).toString('base64')}`;
    assert.throws(() => cosignaturesOf(`${known.checkpoint}${short}\n`, [witness.vkey]), {
      code: 'ledger.proof-invalid',
    });
  });

  it('does not take a cosigner for a log, nor a log for a cosigner', () => {
    assert.deepEqual(verifyNote(known.checkpoint, [known.log_vkey]).signers, [known.log_vkey]);
    assert.throws(() => verifyNote(known.checkpoint, [known.witness_vkey]), { code: 'config.invalid' });
    assert.throws(() => cosignaturesOf(known.checkpoint, [known.log_vkey]), { code: 'config.invalid' });
    assert.throws(() => readWitnessKey(createLedgerKey('log').privateKey), { code: 'config.invalid' });
  });
});
