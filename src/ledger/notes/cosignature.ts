/** Cosignatures (c2sp.org/tlog-cosignature, Ed25519): "as of time t, the largest tree I saw of this log has this root". */
import { GatewayError } from '../../core/errors.ts';
import { createNoteKey, readNoteKey, readVkey, signatureLine, verifiesNote } from './note-key.ts';
import { parseNote, type NoteSignature } from './note.ts';

export interface WitnessKey {
  readonly name: string;
  /** Eight hex digits. */
  readonly keyId: string;
  readonly vkey: string;
  /** Returns the line over a checkpoint's text, without its line feed. `seconds` is POSIX time. */
  cosign(text: string, seconds: number): string;
}

export interface Cosignature {
  readonly vkey: string;
  readonly name: string;
  /** POSIX seconds, the cosigner's word. */
  readonly seconds: number;
  readonly line: string;
}

/** Makes an Ed25519 cosigner key. It must be no other key of anyone's: a cosignature does not commit to the name. */
export function createWitnessKey(name: string): { privateKey: string; vkey: string } {
  return createNoteKey('cosigner', name);
}

/** The witness that goes with a log: its origin's last part replaced, or the origin with `/witness` behind it. */
export function witnessName(origin: string): string {
  return `${origin.replace(/\/log$/, '')}/witness`;
}

/** Throws config.invalid. */
export function readWitnessKey(text: string): WitnessKey {
  const key = readNoteKey('cosigner', text);
  const { name, keyId, vkey } = key;
  return { name, keyId, vkey, cosign: (signed, seconds) => signatureLine(key, signed, seconds) };
}

/**
 * The cosignatures of `vkeys` on an untrusted note, one for each key: its latest. Lines of other keys are ignored.
 * Throws ledger.note-invalid on form, ledger.proof-invalid when a line of a known key is false.
 */
export function cosignaturesOf(note: string, vkeys: readonly string[]): Cosignature[] {
  const { text, signatures } = parseNote(note);
  return vkeys.flatMap((vkey) => {
    const key = readVkey(vkey, 'cosigner');
    const lines = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId);
    for (const line of lines) {
      if (!verifiesNote(key, text, line.signature)) {
        throw new GatewayError('ledger.proof-invalid', `cosignature of ${key.name} over the note is false`);
      }
    }
    const latest = lines.map(read).sort((a, b) => b.seconds - a.seconds)[0];
    return latest === undefined ? [] : [{ vkey, name: key.name, ...latest }];
  });
}

function read(signature: NoteSignature): { seconds: number; line: string } {
  const seconds = signature.signature.readBigUInt64BE();
  const bytes = Buffer.concat([Buffer.from(signature.keyId, 'hex'), signature.signature]);
  return { seconds: Number(seconds), line: `— ${signature.name} ${bytes.toString('base64')}` };
}
