/** POST /v1/blobs: the body goes to the store as it comes in. */
import type { Request } from 'express';
import type { MemberServices } from '../services.ts';
import { sendJson, type Handlers } from './route.ts';

export function blobRoutes(services: MemberServices): Pick<Handlers, 'putBlob'> {
  return {
    putBlob: async (request, response) => {
      sendJson(response, 201, await services.putBlob(request, expectedOf(request)));
    },
  };
}

/** The contract has checked the form of Content-Digest (RFC 9530). */
function expectedOf(request: Request): { sha256?: string; size?: number } {
  const digest = request.headers['content-digest'];
  const length = request.headers['content-length'];
  return {
    ...(typeof digest === 'string'
      ? { sha256: Buffer.from(digest.slice(9, -1), 'base64').toString('hex') }
      : {}),
    ...(length === undefined ? {} : { size: Number(length) }),
  };
}
