/** Which keys may stand in certificates of gateways and of members' own CAs: RSA from 3072 bits on, EC P-256 or P-384. */
import type { KeyObject } from 'node:crypto';
import { isSoundRsa, SOUND_RSA } from '../private-key.ts';

const CURVES: readonly (string | undefined)[] = ['prime256v1', 'secp384r1'];

export const CERTIFICATE_KEYS = `${SOUND_RSA}, EC P-256 or EC P-384`;

export function isCertificateKey(key: KeyObject): boolean {
  if (key.asymmetricKeyType === 'rsa') return isSoundRsa(key);
  return key.asymmetricKeyType === 'ec' && CURVES.includes(key.asymmetricKeyDetails?.namedCurve);
}
