/** An operator's key: private JWK of mode 0600, and the public file that the others list it by. */
import type { JsonValue } from '../../../core/canonical.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { RegistryJwk } from '../../../federation/registry/registry-types.ts';
import { writePrivateFile } from '../../../pki/private-file.ts';
import { generateSealKey, importSigningKey, thumbprint, type SigningKey } from '../../../wire/jws.ts';
import { readJsonObject } from '../../read-json-file.ts';

export interface OperatorKey {
  readonly signing: SigningKey;
  readonly jwk: RegistryJwk;
}

export async function makeKeyPair(path: string): Promise<OperatorKey> {
  const { privateJwk, publicJwk, kid } = await generateSealKey('Ed25519');
  await writePrivateFile(path, JSON.stringify(privateJwk));
  return { signing: await importSigningKey(privateJwk), jwk: { ...publicJwk, kid, alg: 'Ed25519' } };
}

/** Untrusted: a public key that another operator sent. Throws `pki.key-invalid`. */
export async function readOperatorKey(path: string): Promise<RegistryJwk> {
  const jwk = await readJsonObject<Readonly<Record<string, JsonValue>>>(path);
  if (jwk['d'] !== undefined)
    throw new GatewayError(
      'pki.key-invalid',
      `${path} is a private key: take the public file, and make a new key if this one travelled`,
    );
  const { kty, crv, x, y, n, e, kid, alg } = jwk;
  const named = { kty, crv, x, y, n, e, kid, alg };
  const known = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  const fits = await thumbprint(known as RegistryJwk)
    .then((found) => found === kid)
    .catch(() => false);
  if (fits && (alg === 'Ed25519' || alg === 'ES256' || alg === 'PS256')) return known as RegistryJwk;
  throw new GatewayError(
    'pki.key-invalid',
    `${path}: expected the public file of lianzheng alliance operator-key`,
  );
}
