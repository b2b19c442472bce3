/** Keys of signed notes (c2sp.org/signed-note): a log's own, type 0x01, and a cosigner's, type 0x04; both Ed25519. */
import {
  createPrivateKey,
  createPublicKey,
  hash,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';

/** `log` signs the text itself; `cosigner` signs it with a time (c2sp.org/tlog-cosignature). */
export type NoteKeyType = 'log' | 'cosigner';

export interface NoteKey {
  readonly type: NoteKeyType;
  readonly name: string;
  /** Eight hex digits. */
  readonly keyId: string;
  readonly key: KeyObject;
}

export interface NoteSigningKey extends NoteKey {
  readonly vkey: string;
}

const TYPE_BYTES: Readonly<Record<NoteKeyType, number>> = { log: 0x01, cosigner: 0x04 };
const PRIVATE_PREFIX = 'PRIVATE+KEY+';
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_NAME = /^[^\p{White_Space}+]+$/u;
const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;

/** `privateKey` has Go's form PRIVATE+KEY+name+id+base64(type‖seed). */
export function createNoteKey(type: NoteKeyType, name: string): { privateKey: string; vkey: string } {
  const seed = randomBytes(32);
  const publicKey = publicBytes(privateKeyOf(seed));
  const id = keyIdOf(type, checkName(name), publicKey);
  const encoded = Buffer.concat([Buffer.of(TYPE_BYTES[type]), seed]).toString('base64');
  return {
    privateKey: `${PRIVATE_PREFIX}${name}+${id}+${encoded}`,
    vkey: vkeyOf(type, name, publicKey),
  };
}

/** Throws config.invalid. */
export function readNoteKey(type: NoteKeyType, text: string): NoteSigningKey {
  const [, name = '', id = '', encoded = ''] =
    /^PRIVATE\+KEY\+([^\p{White_Space}+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(text.trim()) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== 33 || bytes[0] !== TYPE_BYTES[type]) {
    throw badKey(`expected PRIVATE+KEY+name+id+base64 of a ${type} key, Ed25519`);
  }
  const key = privateKeyOf(bytes.subarray(1));
  const publicKey = publicBytes(key);
  if (keyIdOf(type, name, publicKey) !== id) throw badKey(`key id ${id} does not belong to name and key`);
  return { type, name, keyId: id, key, vkey: vkeyOf(type, name, publicKey) };
}

/** The signature line over `text`, without its line feed. `seconds` (POSIX) is a cosigner's time. */
export function signatureLine(key: NoteSigningKey, text: string, seconds = 0): string {
  const id = Buffer.from(key.keyId, 'hex');
  const time = key.type === 'cosigner' ? timeBytes(BigInt(seconds)) : Buffer.alloc(0);
  const signature = sign(null, signedBytes(key.type, text, BigInt(seconds)), key.key);
  return `— ${key.name} ${Buffer.concat([id, time, signature]).toString('base64')}`;
}

/** `signature` (untrusted): what follows the key id in the line. */
export function verifiesNote(key: NoteKey, text: string, signature: Buffer): boolean {
  const timed = key.type === 'cosigner' ? TIME_BYTES : 0;
  if (signature.length !== timed + SIGNATURE_BYTES) return false;
  const seconds = timed === 0 ? 0n : signature.readBigUInt64BE();
  return verify(null, signedBytes(key.type, text, seconds), key.key, signature.subarray(timed));
}

const readKeys = new Map<string, NoteKey>();

/** Reads `name+id+base64(type‖public key)` of the wanted type. Throws config.invalid. */
export function readVkey(vkey: string, wanted: NoteKeyType): NoteKey {
  const key = readKeys.get(vkey) ?? readAnyVkey(vkey);
  if (key.type !== wanted) throw badKey(`expected the key of a ${wanted}, got that of a ${key.type}`);
  return key;
}

function readAnyVkey(vkey: string): NoteKey {
  const [, name = '', keyId = '', encoded = ''] =
    /^([^\p{White_Space}+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(vkey) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  const type = bytes[0] === TYPE_BYTES.log ? 'log' : 'cosigner';
  if (bytes.length !== 33 || bytes[0] !== TYPE_BYTES[type]) {
    throw badKey('expected name+id+base64 of an Ed25519 log key (type 1) or cosigner key (type 4)');
  }
  const publicKey = bytes.subarray(1);
  if (keyIdOf(type, name, publicKey) !== keyId)
    throw badKey(`key id ${keyId} does not belong to name and key`);
  const spki = Buffer.concat([SPKI_ED25519, publicKey]);
  const read = {
    type,
    name,
    keyId,
    key: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  } as const;
  if (readKeys.size < 1000) readKeys.set(vkey, read);
  return read;
}

function signedBytes(type: NoteKeyType, text: string, seconds: bigint): Buffer {
  return Buffer.from(type === 'cosigner' ? `cosignature/v1\ntime ${seconds}\n${text}` : text);
}

function timeBytes(seconds: bigint): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeBigUInt64BE(seconds);
  return bytes;
}

function privateKeyOf(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
}

function publicBytes(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_ED25519.length);
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ public key)[0:4], hex. */
function keyIdOf(type: NoteKeyType, name: string, publicKey: Buffer): string {
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(TYPE_BYTES[type]), publicKey]);
  return hash('sha256', bytes).slice(0, 8);
}

function vkeyOf(type: NoteKeyType, name: string, publicKey: Buffer): string {
  const encoded = Buffer.concat([Buffer.of(TYPE_BYTES[type]), publicKey]).toString('base64');
  return `${name}+${keyIdOf(type, name, publicKey)}+${encoded}`;
}

function checkName(name: string): string {
  if (!KEY_NAME.test(name)) throw badKey(`key name ${JSON.stringify(name)} is empty or has white space or +`);
  return name;
}

function badKey(message: string): GatewayError {
  return new GatewayError('config.invalid', `ledger key: ${message}`);
}
