/** POST /x/v1/messages: one sealed envelope, one effect. */
import { checkJson } from '../checks/json-body.ts';
import type { LoggedEndpoint } from '../exchange.ts';

/** Schema, envelope, grant and the one transaction are the receiver's. */
export const messages: LoggedEndpoint = async (plane, exchange) => {
  const answer = await plane.messages.receive({
    from: exchange.caller.member,
    claims: exchange.claims,
    token: exchange.token,
    use: exchange.use,
    body: checkJson(exchange.body.bytes),
    bodySha256: exchange.body.sha256.toString('hex'),
  });
  return {
    status: answer.status,
    mediaType: 'application/json',
    body: answer.body,
    replayed: answer.replayed,
    receipt: answer.receipt,
  };
};
