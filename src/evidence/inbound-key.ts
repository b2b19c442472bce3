/** The ledger key of a message that the inbox accepts, for rows that its handlers write. */
import { sha256 } from '../core/digest.ts';
import type { InboundMessage } from '../federation/inbox.ts';

/** The same as federation's `acceptanceKey`, which a test holds it to. */
export function inboundKey({ from, mid }: Pick<InboundMessage, 'from' | 'mid'>): Buffer {
  return sha256(`in|${from}|${mid}`);
}
