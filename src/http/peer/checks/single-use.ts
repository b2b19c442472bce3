/** Check 7: a token is used once, here and in every other process of this gateway. */
import { GatewayError } from '../../../core/errors.ts';
import type { TokenIdStore } from '../../../federation/token-store.ts';
import type { RequestClaims } from '../../../wire/exchange-token.ts';

export async function checkSingleUse(
  claims: RequestClaims,
  store: Pick<TokenIdStore, 'insert'>,
): Promise<void> {
  const first = await store.insert(claims.iss, claims.jti, claims.exp);
  if (!first) throw new GatewayError('token.replayed');
}
