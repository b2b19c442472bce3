/** Signed notes (c2sp.org/signed-note): text, signature lines, parsing and verification. */
import { GatewayError } from '../../core/errors.ts';
import { createNoteKey, readNoteKey, readVkey, signatureLine, verifiesNote } from './note-key.ts';

export interface LedgerKey {
  readonly name: string;
  /** Eight hex digits. */
  readonly keyId: string;
  readonly vkey: string;
  /** Returns the signature line over `text`, without its line feed. */
  sign(text: string): string;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Buffer;
}

export interface ParsedNote {
  /** What is signed, final line feed included. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** golang.org/x/mod's limits, so that what we take they take. */
const MAX_SIGNATURES = 100;
const MAX_NOTE_BYTES = 1_000_000;

/** Makes an Ed25519 key; the name should be the log's origin. */
export function createLedgerKey(name: string): { privateKey: string; vkey: string } {
  return createNoteKey('log', name);
}

/** Reads Go's `PRIVATE+KEY+name+id+base64` form. Throws config.invalid. */
export function readLedgerKey(text: string): LedgerKey {
  const key = readNoteKey('log', text);
  const { name, keyId, vkey } = key;
  return { name, keyId, vkey, sign: (signed) => signatureLine(key, signed) };
}

/** A whole note: text, empty line, one signature line. */
export function signNote(text: string, key: LedgerKey): string {
  return `${text}\n${key.sign(text)}\n`;
}

/** Untrusted `note`. The signatures stand after the last empty line. Throws ledger.note-invalid. */
export function parseNote(note: string): ParsedNote {
  if (note.length > MAX_NOTE_BYTES) throw badNote('note is too long');
  if (hasForbiddenCharacter(note)) throw badNote('control character or broken UTF-8');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw badNote('no signature block');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw badNote(`more than ${MAX_SIGNATURES} signatures`);
  return { text: note.slice(0, split + 1), signatures: lines.map(readSignature) };
}

/**
 * Checks every signature made by one of `vkeys` and returns the vkeys that signed. Lines of other keys are ignored.
 * Throws ledger.note-invalid on form, ledger.proof-invalid when a known key's line is false or no known key signed.
 */
export function verifyNote(note: string, vkeys: readonly string[]): { text: string; signers: string[] } {
  const { text, signatures } = parseNote(note);
  const signers = vkeys.filter((vkey) => {
    const key = readVkey(vkey, 'log');
    const lines = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId);
    for (const line of lines) {
      if (!verifiesNote(key, text, line.signature)) {
        throw new GatewayError('ledger.proof-invalid', `signature of ${key.name} over the note is false`);
      }
    }
    return lines.length > 0;
  });
  if (signers.length === 0) throw new GatewayError('ledger.proof-invalid', 'no trusted key signed the note');
  return { text, signers };
}

function readSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length < 5 || bytes.toString('base64') !== encoded) throw badNote('malformed signature line');
  return { name, keyId: bytes.toString('hex', 0, 4), signature: bytes.subarray(4) };
}

/** Nothing below U+0020 but the line feed; U+FFFD is what broken UTF-8 decodes to. */
function hasForbiddenCharacter(note: string): boolean {
  for (let i = 0; i < note.length; i++) {
    const unit = note.charCodeAt(i);
    if ((unit < 0x20 && unit !== 0x0a) || unit === 0xfffd) return true;
  }
  return false;
}

function badNote(message: string): GatewayError {
  return new GatewayError('ledger.note-invalid', `signed note: ${message}`);
}
