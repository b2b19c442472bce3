/** POST /x/v1/status: what became of these Exchange-Ids; logged like every answer. */
import { canonicalBytes } from '../../../core/canonical.ts';
import type { EntryRef } from '../../../ledger/entry.ts';
import { checkJson, checkShape } from '../checks/json-body.ts';
import type { LoggedEndpoint } from '../exchange.ts';

export const STATUS_SCHEMA = 'urn:lianzheng:schema:status-request:1.0.0';

export const status: LoggedEndpoint = async (plane, exchange) => {
  const value = checkJson(exchange.body.bytes);
  const request = checkShape(value, { id: STATUS_SCHEMA, claim: exchange.claims.sch }, plane.schemas);
  const { ids } = request as unknown as { ids: string[] };
  // The answer's own position travels in the token, as everywhere.
  const { receipt, ...answer } = await plane.status(ids, exchange.caller.member);
  return {
    status: 200,
    mediaType: 'application/json',
    body: canonicalBytes(answer),
    replayed: false,
    receipt: receipt as unknown as EntryRef,
  };
};
