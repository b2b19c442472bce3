/** Opens an operation to callers whose bearer token (RFC 6750) carries one of its scopes. */
import type { RequestHandler, Response } from 'express';
import { GatewayError } from '../../core/errors.ts';
import type { BearerVerifier } from '../../wire/bearer.ts';
import type { ApiOperation } from '../api-operations.ts';
import { callOf } from './call.ts';

const BEARER = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i;

export function authenticate(bearer: BearerVerifier, operation: ApiOperation): RequestHandler {
  return async (request, response, next) => {
    const token = tokenOf(request.headers.authorization, response);
    const caller = await bearer.verify(token).catch((error: unknown) => {
      challenge(response, 'error="invalid_token"');
      throw error;
    });
    callOf(request).caller = caller;
    requireScope(caller.scopes, operation.anyScope, response);
    next();
  };
}

/** The header is untrusted: its form is checked before anything decodes it. */
function tokenOf(header: string | undefined, response: Response): string {
  if (header === undefined) {
    challenge(response);
    throw new GatewayError('auth.token-missing', 'send Authorization: Bearer <token>');
  }
  const token = BEARER.exec(header)?.[1];
  if (token !== undefined && token.length <= 8192) return token;
  challenge(response, 'error="invalid_token"');
  throw new GatewayError(
    'auth.token-invalid',
    'expected Authorization: Bearer and one token of at most 8 KiB',
  );
}

function requireScope(held: readonly string[], anyScope: readonly string[], response: Response): void {
  if (anyScope.some((scope) => held.includes(scope))) return;
  challenge(response, `error="insufficient_scope", scope="${anyScope.join(' ')}"`);
  throw new GatewayError('auth.scope-missing', `expected a token with scope ${anyScope.join(' or ')}`, {
    facts: { anyOf: anyScope },
  });
}

function challenge(response: Response, error?: string): void {
  const parts = ['realm="lianzheng"', ...(error === undefined ? [] : [error])];
  response.setHeader('WWW-Authenticate', `Bearer ${parts.join(', ')}`);
}
