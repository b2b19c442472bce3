/** GET /witness/receipts: the caller's own signed requests that we hold, so that it can tell whether it was set back. */
import type { Caller } from './checks/caller.ts';
import type { Arrival, PeerContext } from './exchange.ts';
import { handlePlain, type PlainAnswer } from './plain-answer.ts';

export const RECEIPTS = '/witness/receipts';

export function handleReceipts(context: PeerContext, arrival: Arrival): Promise<void> {
  const answer = async ({ member }: Caller): Promise<PlainAnswer> => {
    const tokens = await context.plane.heldTokens(member);
    const bytes = Buffer.from(JSON.stringify({ tokens }));
    return { status: 200, bytes, mediaType: 'application/json', cacheControl: 'no-store' };
  };
  return handlePlain(context, arrival, { kind: 'witness', answer });
}
