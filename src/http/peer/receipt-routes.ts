/** GET /witness/receipts: the caller's own signed requests that we hold, so that it can tell whether it was set back. */
import type { Arrival, PeerContext } from './exchange.ts';
import { handlePlain } from './plain-answer.ts';

export const RECEIPTS = '/witness/receipts';

export function handleReceipts({ plane, ...context }: PeerContext, arrival: Arrival): Promise<void> {
  return handlePlain({ plane, ...context }, arrival, 0, async ({ member }) => {
    const tokens = await plane.heldTokens(member);
    const bytes = Buffer.from(JSON.stringify({ tokens }));
    return { status: 200, bytes, mediaType: 'application/json', cacheControl: 'no-store' };
  });
}
