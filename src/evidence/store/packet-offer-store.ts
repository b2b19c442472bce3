/** The message by which a packet was offered: ours by its id, a peer's by the ledger key of its acceptance. */
import type { Queryable } from '../../storage/database.ts';

export type PacketOffer = { readonly mid: string } | { readonly key: Buffer };

/** The last one, where a packet was offered several times. */
export async function offerOfPacket(db: Queryable, packetId: string): Promise<PacketOffer | undefined> {
  const sent = await db.query<{ mid: string }>(
    'SELECT mid FROM packet_transfer WHERE packet_id = $1 ORDER BY offered_at DESC, id DESC LIMIT 1',
    [packetId],
  );
  if (sent.rows[0] !== undefined) return sent.rows[0];
  const received = await db.query<{ key: Buffer }>(
    'SELECT ledger_key AS key FROM packet_inbound WHERE packet_id = $1',
    [packetId],
  );
  return received.rows[0];
}
