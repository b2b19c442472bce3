/** Check 4: the claims, against the clock, this gateway, the connection and the headers. */
import { GatewayError } from '../../../core/errors.ts';
import { validAt, type RegisteredKey } from '../../../federation/registry/registry-view.ts';
import { digestClaim } from '../../../wire/content-digest.ts';
import { checkRequestClaims } from '../../../wire/exchange-token.ts';
import type { ReadToken, RequestClaims, RequestExpectation } from '../../../wire/exchange-token.ts';
import type { ExchangeHeaders } from './headers.ts';

export function checkTokenClaims(
  token: ReadToken,
  expected: RequestExpectation,
  context: { readonly headers: ExchangeHeaders; readonly key: RegisteredKey },
): RequestClaims {
  const claims = checkRequestClaims(token.claims, expected);
  checkAgainstHeaders(claims, context.headers);

  // The key has to be valid when it signed; `compromised` counts backwards, `superseded` from its date on.
  if (!validAt(context.key, claims.iat)) throw new GatewayError('token.key-revoked');
  return claims;
}

function checkAgainstHeaders(claims: RequestClaims, headers: ExchangeHeaders): void {
  if (claims.mid !== headers.mid) throw new GatewayError('token.id-mismatch');

  if (claims.cdg !== digestClaim(headers.digest)) {
    throw new GatewayError('exchange.digest-mismatch', 'cdg differs from Content-Digest');
  }

  if (claims.len !== headers.length) {
    throw new GatewayError(
      'exchange.length-mismatch',
      `len is ${claims.len}, Content-Length is ${headers.length}`,
    );
  }

  if (claims.cty !== headers.mediaType) {
    throw new GatewayError('token.claims-refused', 'cty differs from Content-Type', {
      facts: { claim: 'cty' },
    });
  }
}
