/** The entries of our ledger about one message, for the peer that it was exchanged with and for nobody else. */
import type { MemberId } from '../core/ids.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Queryable } from '../storage/database.ts';
import { acceptanceKey } from './messages/accept-messages.ts';

export interface PairEntry {
  readonly index: number;
  /** The entry's bytes. */
  readonly entry: string;
  /** `.tlog-proof` of it. */
  readonly proof: string;
}

/** Offer, acceptance and closing, as far as they are there; empty when the message is not one of this pair. */
export async function pairEntries(
  { database, ledger }: { readonly database: Queryable; readonly ledger: Pick<Ledger, 'find'> },
  peer: MemberId,
  mid: string,
): Promise<readonly PairEntry[]> {
  const { rows } = await database.query<{ offerKey: Buffer; closedKey: Buffer | null }>(
    `SELECT offer_key AS "offerKey", closed_key AS "closedKey" FROM delivery WHERE mid = $1 AND recipient = $2`,
    [mid, peer],
  );
  const sent = rows.flatMap(({ offerKey, closedKey }) => [offerKey, closedKey]);
  const keys = [...sent, acceptanceKey({ from: peer, claims: { mid } })].filter((key) => key !== null);
  const entries = await Promise.all(keys.map((key) => ledger.find(key)));
  return entries.flatMap((found) =>
    found === undefined ? [] : [{ index: found.index, entry: found.entry, proof: found.proof }],
  );
}
