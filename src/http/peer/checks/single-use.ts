/** Check 7: a token is used once, here and in every other process of this gateway. */
import { GatewayError } from '../../../core/errors.ts';
import type { RequestClaims } from '../../../wire/exchange-token.ts';
import type { TokenIdStore } from '../peer-plane.ts';

/** The id is kept past the last second at which time alone would refuse the token. */
export async function checkSingleUse(
  claims: RequestClaims,
  store: TokenIdStore,
  skewSeconds: number,
): Promise<void> {
  const fresh = await store.insert(claims.iss, claims.jti, claims.exp + skewSeconds + 1);
  if (!fresh) throw new GatewayError('token.replayed');
}
