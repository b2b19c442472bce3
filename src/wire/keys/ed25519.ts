/**
 * Ed25519 (RFC 8032): with libsodium where it loads, which takes a third less time than OpenSSL and so needs no way to
 * the thread pool; with OpenSSL on other platforms. Signatures and verdicts are the same.
 */
import { sign, verify, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

export interface Ed25519Key {
  readonly object: KeyObject;
  /** 32 bytes. */
  readonly raw: Buffer;
}

/** One signature of 64 bytes, not yet looked at. */
export type Ed25519Verify = (
  key: Ed25519Key,
  data: Uint8Array,
  signature: Buffer,
) => boolean | Promise<boolean>;

/** Deterministic: the same signature from either library. */
export type Ed25519Sign = (data: Uint8Array) => Buffer;

interface Libsodium {
  sodium_malloc(bytes: number): Buffer;
  crypto_sign_seed_keypair(publicKey: Buffer, secretKey: Buffer, seed: Buffer): void;
  crypto_sign_detached(signature: Buffer, data: Uint8Array, secretKey: Buffer): void;
  crypto_sign_verify_detached(signature: Uint8Array, data: Uint8Array, key: Uint8Array): boolean;
}

const verifyInPool = promisify(verify) as (
  digest: null,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
) => Promise<boolean>;
const libsodium = load();

/** On the thread pool: it is the dearest of what a message would cost the main thread. */
export const verifyWithOpenssl: Ed25519Verify = (key, data, signature) =>
  isRegular(key.raw, signature) && verifyInPool(null, data, key.object, signature);

/** Undefined where no binary fits the platform. On the calling thread: the way to the pool takes longer. */
export const verifyWithLibsodium: Ed25519Verify | undefined =
  libsodium &&
  ((key, data, signature) =>
    isRegular(key.raw, signature) && libsodium.crypto_sign_verify_detached(signature, data, key.raw));

export const verifyEd25519: Ed25519Verify = verifyWithLibsodium ?? verifyWithOpenssl;

export function signerWithOpenssl(key: KeyObject): Ed25519Sign {
  return (data) => sign(null, data, key);
}

/** The key's copy lies in memory of its own, locked and fenced where the system allows. */
export const signerWithLibsodium: ((key: KeyObject) => Ed25519Sign) | undefined =
  libsodium &&
  ((key) => {
    const secret = libsodium.sodium_malloc(64);
    const seed = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
    libsodium.crypto_sign_seed_keypair(Buffer.alloc(32), secret, seed);
    seed.fill(0);
    return (data) => {
      const signature = Buffer.allocUnsafe(64);
      libsodium.crypto_sign_detached(signature, data, secret);
      return signature;
    };
  });

export const ed25519Signer = signerWithLibsodium ?? signerWithOpenssl;

function load(): Libsodium | undefined {
  try {
    return createRequire(import.meta.url)('sodium-native') as Libsodium;
  } catch {
    return undefined;
  }
}

/**
 * What libsodium refuses and OpenSSL takes, refused before either: a key in other than its shortest form, a key or
 * commitment R of small order. Whoever made such a key could sign one text and mean any (Chalkias, Garillot,
 * Nikolaenko 2020, "Taming the many EdDSAs").
 */
function isRegular(key: Buffer, signature: Buffer): boolean {
  return !isBeyondField(key) && !hasSmallOrder(key) && !hasSmallOrder(signature.subarray(0, 32));
}

/** y of the points whose order divides 8, little-endian, sign bit cleared, in each form below 2^255. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** First bytes of the above, so that nearly every point costs one look. */
const SMALL_ORDER_STARTS: ReadonlySet<number> = new Set(
  [...SMALL_ORDER].map((hex) => Number.parseInt(hex.slice(0, 2), 16)),
);

function hasSmallOrder(point: Buffer): boolean {
  if (!SMALL_ORDER_STARTS.has(point[0] ?? 0)) return false;
  const y = Buffer.from(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  return SMALL_ORDER.has(y.toString('hex'));
}

/** y not below the field's prime 2^255-19. */
function isBeyondField(point: Buffer): boolean {
  if (((point[31] ?? 0) & 0x7f) !== 0x7f || (point[0] ?? 0) < 0xed) return false;
  return point.subarray(1, 31).every((byte) => byte === 0xff);
}
