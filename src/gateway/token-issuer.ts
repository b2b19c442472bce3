/** Where the keys of the member's own token issuer come from. */
import type { GatewayConfig } from '../config.ts';
import { fetchKeySet } from '../federation/peers/fetch-key-set.ts';
import { createBearerVerifier, type BearerVerifier } from '../wire/bearer.ts';

export function bearerOf({ memberPlane: { issuer, audience, jwks } }: GatewayConfig): BearerVerifier {
  const keys = jwks.startsWith('https://')
    ? { url: jwks, fetch: (url: string) => fetchKeySet(url) }
    : { file: jwks };
  return createBearerVerifier({ issuer, audience, jwks: keys });
}
