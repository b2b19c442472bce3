/** Signed notes (c2sp.org/signed-note): keys, signature lines, parsing and verification. */
import {
  createPrivateKey,
  createPublicKey,
  hash,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { GatewayError } from '../core/errors.ts';

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

const ED25519 = 0x01;
const PRIVATE_PREFIX = 'PRIVATE+KEY+';
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_NAME = /^[^\s+]+$/u;
/** golang.org/x/mod's limits, so that what we take they take. */
const MAX_SIGNATURES = 100;
const MAX_NOTE_BYTES = 1_000_000;

/** Makes an Ed25519 key; the name should be the log's origin. */
export function createLedgerKey(name: string): { privateKey: string; vkey: string } {
  const seed = randomBytes(32);
  const publicKey = publicBytes(privateKeyOf(seed));
  const encoded = Buffer.concat([Buffer.of(ED25519), seed]).toString('base64');
  const privateKey = `${PRIVATE_PREFIX}${checkName(name)}+${keyIdOf(name, publicKey)}+${encoded}`;
  return { privateKey, vkey: vkeyOf(name, publicKey) };
}

/** Reads Go's `PRIVATE+KEY+name+id+base64` form. Throws config.invalid. */
export function readLedgerKey(text: string): LedgerKey {
  const [, name = '', id = '', encoded = ''] =
    /^PRIVATE\+KEY\+([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(text.trim()) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== 33 || bytes[0] !== ED25519)
    throw badKey('expected PRIVATE+KEY+name+id+base64, Ed25519');
  const key = privateKeyOf(bytes.subarray(1));
  const publicKey = publicBytes(key);
  if (keyIdOf(name, publicKey) !== id) throw badKey(`key id ${id} does not belong to name and key`);
  const idBytes = Buffer.from(id, 'hex');
  return {
    name,
    keyId: id,
    vkey: vkeyOf(name, publicKey),
    sign: (signed) => {
      const signature = sign(null, Buffer.from(signed), key);
      return `— ${name} ${Buffer.concat([idBytes, signature]).toString('base64')}`;
    },
  };
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
    const { name, keyId, key } = readVkey(vkey);
    const lines = signatures.filter((line) => line.name === name && line.keyId === keyId);
    for (const line of lines) {
      if (!verify(null, Buffer.from(text), key, line.signature)) {
        throw new GatewayError('ledger.proof-invalid', `signature of ${name} over the note is false`);
      }
    }
    return lines.length > 0;
  });
  if (signers.length === 0) throw new GatewayError('ledger.proof-invalid', 'no trusted key signed the note');
  return { text, signers };
}

const readKeys = new Map<string, { name: string; keyId: string; key: KeyObject }>();

/** Reads `name+id+base64(0x01‖public key)`. Throws config.invalid. */
export function readVkey(vkey: string): { name: string; keyId: string; key: KeyObject } {
  const known = readKeys.get(vkey);
  if (known !== undefined) return known;
  const [, name = '', keyId = '', encoded = ''] =
    /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(vkey) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== 33 || bytes[0] !== ED25519) throw badKey('expected name+id+base64, Ed25519');
  const publicKey = bytes.subarray(1);
  if (keyIdOf(name, publicKey) !== keyId) throw badKey(`key id ${keyId} does not belong to name and key`);
  const spki = Buffer.concat([SPKI_ED25519, publicKey]);
  const read = { name, keyId, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
  if (readKeys.size < 1000) readKeys.set(vkey, read);
  return read;
}

function readSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? [];
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

function privateKeyOf(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
}

function publicBytes(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_ED25519.length);
}

/** SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)[0:4], hex. */
function keyIdOf(name: string, publicKey: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), publicKey])).slice(0, 8);
}

function vkeyOf(name: string, publicKey: Buffer): string {
  const encoded = Buffer.concat([Buffer.of(ED25519), publicKey]).toString('base64');
  return `${name}+${keyIdOf(name, publicKey)}+${encoded}`;
}

function checkName(name: string): string {
  if (!KEY_NAME.test(name)) throw badKey(`key name ${JSON.stringify(name)} is empty or has white space or +`);
  return name;
}

function badKey(message: string): GatewayError {
  return new GatewayError('config.invalid', `ledger key: ${message}`);
}

function badNote(message: string): GatewayError {
  return new GatewayError('ledger.note-invalid', `signed note: ${message}`);
}
