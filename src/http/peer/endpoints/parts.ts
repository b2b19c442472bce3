/** POST /x/v1/parts: one part of a bundle that was offered to the caller. */
import { checkJson, checkShape } from '../checks/json-body.ts';
import type { LoggedEndpoint } from '../exchange.ts';

export const PARTS_SCHEMA = 'urn:lianzheng:schema:parts-request:1.0.0';

export const parts: LoggedEndpoint = async (plane, exchange) => {
  const { claims, token, caller } = exchange;
  const value = checkJson(exchange.body.bytes);
  const request = checkShape(value, { id: PARTS_SCHEMA, claim: claims.sch }, plane.schemas);
  const { transfer, sha256, n } = request as { transfer: string; sha256: string; n: number };
  const part = await plane.parts.open({ from: caller.member, transfer, sha256, n, claims, token });
  return {
    status: 200,
    mediaType: 'application/octet-stream',
    body: part.body,
    replayed: false,
    receipt: part.receipt,
    ...(part.standing === undefined ? {} : { standing: part.standing }),
  };
};
