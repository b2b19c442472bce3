/** Reads a JSON body through the strict gate, with a limit; streams of other media types stay unread. */
import type { Request, RequestHandler } from 'express';
import { GatewayError } from '../../core/errors.ts';
import { parseStrictJson } from '../../wire/json/strict-json.ts';
import type { ApiOperation } from '../api-operations.ts';
import type { MemberLimits } from './limits.ts';
import { readBody } from './read-body.ts';

const JSON_TYPE = 'application/json';

export function readJson(operation: ApiOperation, limits: MemberLimits): RequestHandler {
  return async (request, _response, next) => {
    if (operation.bodies.length > 0 && mediaTypeOf(request, operation.bodies) === JSON_TYPE) {
      request.body = parseStrictJson(await readBody(request, limits.jsonBytes, limits.jsonTimeoutMs));
    }
    next();
  };
}

/** Untrusted headers: one of the operation's media types, no parameters but `charset=utf-8`, no coding. */
function mediaTypeOf(request: Request, accepted: readonly string[]): string {
  if (request.headers['content-encoding'] !== undefined) {
    throw new GatewayError('http.encoding-refused', 'send the body without Content-Encoding');
  }
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const known =
    accepted.includes(type) && parameters.every((parameter) => /^charset="?utf-8"?$/.test(parameter));
  if (known) return type;
  throw new GatewayError('http.media-type-refused', `expected Content-Type ${accepted.join(' or ')}`);
}
