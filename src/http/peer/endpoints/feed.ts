/** POST /x/v1/feed: what this member sent to a group, from a cursor on; logged like every answer. */
import { canonicalBytes } from '../../../core/canonical.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { FeedRequest } from '../../../federation/feed/answer-feed.ts';
import type { EntryRef } from '../../../ledger/entry.ts';
import { checkJson, checkShape } from '../checks/json-body.ts';
import type { Endpoint } from '../exchange.ts';

const SCHEMA = 'urn:lianzheng:schema:feed-request:1.0.0';

export const feed: Endpoint = async (plane, exchange) => {
  const value = checkJson(exchange.body.bytes);
  const shape = checkShape(value, { id: SCHEMA, claim: exchange.claims.sch }, plane.schemas);
  const request = shape as unknown as FeedRequest;
  if (request.group !== exchange.claims.grp) {
    throw new GatewayError('token.claims-refused', 'group of the body differs from claim grp', {
      facts: { claim: 'grp' },
    });
  }
  if (plane.feed === undefined) throw new GatewayError('http.not-found');
  const { receipt, ...answer } = await plane.feed(request, exchange.caller.member);
  return {
    status: 200,
    mediaType: 'application/json',
    body: canonicalBytes(answer),
    replayed: false,
    receipt: receipt as unknown as EntryRef,
  };
};
