/** Private keys of certificates: RSA made here without blocking, RSA or EC P-256 accepted for signing. */
import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { GatewayError } from '../core/errors.ts';
import { RSA_BITS } from './profiles.ts';

const MIN_EXPONENT = 65_537n;
/** For messages: what `isSoundRsa` wants. */
export const SOUND_RSA = 'RSA of 3072 bits or more with a public exponent of 65537 or more';
const generate = promisify(generateKeyPair);

/** A new RSA key, PKCS#8 PEM. */
export async function generateRsaKey(): Promise<string> {
  const { privateKey } = await generate('rsa', { modulusLength: RSA_BITS, publicExponent: 0x10001 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export function readPrivateKey(keyPem: string): KeyObject {
  try {
    return createPrivateKey(keyPem);
  } catch (cause) {
    throw new GatewayError('pki.key-invalid', 'expected a private key in PEM', { cause });
  }
}

/** Evidence is signed with RSA of 3072 bits or more, or with EC P-256; nothing else. */
export function signatureKind(key: KeyObject): 'rsa' | 'ec' | undefined {
  if (isSoundRsa(key)) return 'rsa';
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ec';
  return undefined;
}

/** RSA of 3072 bits or more with a public exponent as FIPS 186-5 section 5.1 has it: with 1 anybody signs. */
export function isSoundRsa(key: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'rsa' || modulusLength < RSA_BITS) return false;
  return publicExponent >= MIN_EXPONENT && publicExponent % 2n === 1n;
}
