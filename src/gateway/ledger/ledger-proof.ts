/** Which exchange an id stands for: a message, the last offer of a packet, or whatever an entry is about. */
import { GatewayError } from '../../core/errors.ts';
import { offerOfPacket } from '../../evidence/store/packet-offer-store.ts';
import { exportLedgerProof, type ProofSource, type ProofWish } from '../../federation/proofs/export-proof.ts';

export async function ledgerProof(source: ProofSource, id: string, wish: ProofWish): Promise<Buffer> {
  const file = /^\d+$/.test(id)
    ? await exportLedgerProof(source, { index: Number(id) }, wish)
    : ((await exportLedgerProof(source, { mid: id }, wish)) ?? (await packetProof(source, id, wish)));
  if (file !== undefined) return file;
  throw new GatewayError('http.not-found', `the ledger has no message, packet or entry ${id} yet`);
}

async function packetProof(source: ProofSource, id: string, wish: ProofWish): Promise<Buffer | undefined> {
  const offer = await offerOfPacket(source.database, id);
  return offer && exportLedgerProof(source, offer, wish);
}
