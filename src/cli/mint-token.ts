/** Access tokens (RFC 9068) from a local issuer key: for demo, tests and members without an issuer of their own. */
import { newNonce } from '../core/ids.ts';
import { seconds } from '../core/clock.ts';
import type { SigningKey } from '../wire/keys/seal-key.ts';

export interface TokenClaims {
  readonly issuer: string;
  readonly audience: string;
  /** Who acts, as the ledger will name it. */
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly lifetimeSeconds: number;
}

export async function mintToken(key: SigningKey, claims: TokenClaims, now: Date): Promise<string> {
  const at = seconds(now);
  const header = { typ: 'at+jwt', alg: key.alg, kid: key.kid };
  const payload = {
    iss: claims.issuer,
    aud: claims.audience,
    sub: claims.subject,
    scope: claims.scopes.join(' '),
    iat: at,
    exp: at + claims.lifetimeSeconds,
    jti: newNonce(),
  };
  const input = `${encode(header)}.${encode(payload)}`;
  const signature = await key.sign(Buffer.from(input, 'latin1'));
  return `${input}.${signature.toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
