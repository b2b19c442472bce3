/** Seal keys: Ed25519, ES256 or PS256 JWKs, named by their RFC 7638 thumbprint. */
import { constants, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { JsonObject } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import { ed25519Signer, verifyEd25519 } from './ed25519.ts';

export type SealAlgorithm = 'Ed25519' | 'ES256' | 'PS256';

export interface SigningKey {
  /** RFC 7638 SHA-256 thumbprint, base64url. */
  readonly kid: string;
  readonly alg: SealAlgorithm;
  sign(data: Uint8Array): Promise<Buffer>;
}

/** As the registry lists it. `jwk` must be one object for the life of a registry: imported keys are cached by it. */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: string;
  readonly jwk: JsonObject;
}

export interface GeneratedKey {
  readonly privateJwk: JsonObject;
  readonly publicJwk: JsonObject;
  readonly kid: string;
}

interface AlgorithmRow {
  readonly kty: string;
  readonly crv?: string;
  /** Length of a signature in bytes; PS256 has its modulus' length. */
  readonly signatureLength?: number;
  readonly digest: 'sha256' | null;
  readonly options: {
    readonly dsaEncoding?: 'ieee-p1363';
    readonly padding?: number;
    readonly saltLength?: number;
  };
}

const algorithms: Readonly<Record<SealAlgorithm, AlgorithmRow>> = {
  Ed25519: { kty: 'OKP', crv: 'Ed25519', signatureLength: 64, digest: null, options: {} },
  ES256: {
    kty: 'EC',
    crv: 'P-256',
    signatureLength: 64,
    digest: 'sha256',
    options: { dsaEncoding: 'ieee-p1363' },
  },
  PS256: {
    kty: 'RSA',
    digest: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
};

interface PublicKey {
  readonly object: KeyObject;
  /** Of Ed25519: its 32 bytes. */
  readonly raw: Buffer | undefined;
}

const MIN_RSA_BITS = 3072;
const MIN_RSA_EXPONENT = 65_537n;
const signInPool = promisify(sign) as (
  digest: string | null,
  data: Uint8Array,
  key: object,
) => Promise<Buffer>;
const verifyInPool = promisify(verify) as (
  digest: string | null,
  data: Uint8Array,
  key: object,
  signature: Uint8Array,
) => Promise<boolean>;
const publicKeys = new WeakMap<JsonObject, PublicKey>();

export function isSealAlgorithm(alg: unknown): alg is SealAlgorithm {
  return alg === 'Ed25519' || alg === 'ES256' || alg === 'PS256';
}

/** Makes a key pair; both JWKs carry `kid` and `alg`. The private one belongs in a file of mode 0600. */
export async function generateSealKey(alg: SealAlgorithm = 'Ed25519'): Promise<GeneratedKey> {
  const pair = await generateKeyPair(alg, { extractable: true, modulusLength: MIN_RSA_BITS });
  const publicJwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicJwk, 'sha256');
  const named = (jwk: JWK): JsonObject => ({ ...(jwk as JsonObject), kid, alg });
  return { privateJwk: named(await exportJWK(pair.privateKey)), publicJwk: named(publicJwk), kid };
}

/** RFC 7638 SHA-256 thumbprint, base64url. */
export function thumbprint(jwk: JsonWebKey | JsonObject): Promise<string> {
  return calculateJwkThumbprint(jwk, 'sha256');
}

/** The algorithm is the JWK's `alg`, or the one its key type fixes. Throws `pki.key-invalid`. */
export async function importSigningKey(jwk: JsonWebKey & { readonly alg?: string }): Promise<SigningKey> {
  const alg = jwk.alg ?? algorithmOf(jwk);
  if (!isSealAlgorithm(alg)) throw keyInvalid(`expected Ed25519, ES256 or PS256, got ${String(alg)}`);
  const key = readKey(() => createPrivateKey({ key: jwk, format: 'jwk' }));
  refuseUnfit(alg, jwk, key);
  return { kid: await thumbprint(jwk), alg, sign: signerOf(alg, key) };
}

function signerOf(alg: SealAlgorithm, key: KeyObject): SigningKey['sign'] {
  const { digest, options } = algorithms[alg];
  const input = { key, ...options };
  // An RSA signature takes 3 ms: on the thread pool. The others take less than the way there.
  if (alg === 'PS256') return (data) => signInPool(digest, data, input);
  const signNow = alg === 'Ed25519' ? ed25519Signer(key) : (data: Uint8Array) => sign(digest, data, input);
  return async (data) => signNow(data);
}

/**
 * Verifies with the algorithm that the registry fixed for the key, never one that a token names.
 * False for a wrong signature; throws `pki.key-invalid` for a key that should not have been registered.
 */
export async function verifySignature(
  key: VerificationKey,
  signingInput: Uint8Array,
  signature: Buffer,
): Promise<boolean> {
  if (!isSealAlgorithm(key.alg)) throw keyInvalid(`algorithm ${key.alg} of key ${key.kid} is refused`);
  const { digest, options, signatureLength } = algorithms[key.alg];
  if (signatureLength !== undefined && signature.length !== signatureLength) return false;
  const { object, raw } = publicKeys.get(key.jwk) ?? (await importPublicKey(key));
  if (raw !== undefined) return verifyEd25519({ object, raw }, signingInput, signature);
  // RFC 8017 section 8.1.2: as long as the modulus. OpenSSL takes a shorter one whose zeros in front were left out.
  const { modulusLength } = object.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined && signature.length !== Math.ceil(modulusLength / 8)) return false;
  return verifyInPool(digest, signingInput, { key: object, ...options }, signature);
}

async function importPublicKey(key: VerificationKey): Promise<PublicKey> {
  const jwk = key.jwk as JsonWebKey;
  if (jwk.d !== undefined) throw keyInvalid(`key ${key.kid} is a private key`);
  const object = readKey(() => createPublicKey({ key: jwk, format: 'jwk' }));
  refuseUnfit(key.alg as SealAlgorithm, jwk, object);
  if ((await thumbprint(key.jwk)) !== key.kid) throw keyInvalid(`kid ${key.kid} is not the key's thumbprint`);
  const raw = key.alg === 'Ed25519' ? Buffer.from(jwk.x ?? '', 'base64url') : undefined;
  const imported = { object, raw };
  publicKeys.set(key.jwk, imported);
  return imported;
}

function algorithmOf(jwk: JsonWebKey): SealAlgorithm | undefined {
  const fits = (row: AlgorithmRow): boolean =>
    row.kty === jwk.kty && (row.crv === undefined || row.crv === jwk.crv);
  return (Object.keys(algorithms) as SealAlgorithm[]).find((alg) => fits(algorithms[alg]));
}

function refuseUnfit(alg: SealAlgorithm, jwk: JsonWebKey, key: KeyObject): void {
  if (algorithmOf(jwk) !== alg) throw keyInvalid(`key type ${String(jwk.kty)} does not fit ${alg}`);
  const { modulusLength: bits, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (bits !== undefined && bits < MIN_RSA_BITS)
    throw keyInvalid(`expected RSA of ${MIN_RSA_BITS} bits, got ${bits}`);
  // FIPS 186-5 section 5.1. With 1 anybody signs: its owner could disown everything.
  if (publicExponent !== undefined && (publicExponent < MIN_RSA_EXPONENT || publicExponent % 2n === 0n))
    throw keyInvalid(`expected an odd RSA exponent of ${MIN_RSA_EXPONENT} or more, got ${publicExponent}`);
}

function readKey(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw new GatewayError('pki.key-invalid', 'the JWK cannot be read', { cause });
  }
}

function keyInvalid(message: string): GatewayError {
  return new GatewayError('pki.key-invalid', message);
}
