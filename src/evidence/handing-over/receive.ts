/** Receives an offer of a packet: notes it and wakes the pull worker; nothing is fetched inside the exchange. */
import { GatewayError } from '../../core/errors.ts';
import type { Acceptance, InboundMessage, InboxHandler } from '../../federation/inbox.ts';
import type { Queryable } from '../../storage/database.ts';
import { inboundKey } from '../inbound-key.ts';
import { partCount } from '../making/part-digests.ts';
import { insertInbound } from '../store/inbound-store.ts';
import { findRequest } from '../store/request-store.ts';

/** schemas/packet-offer.json. */
interface PacketOffer {
  readonly packetId: string;
  readonly packetType: string;
  readonly docNo: string;
  readonly bundle: {
    readonly sha256: string;
    readonly size: number;
    readonly partSize: number;
    readonly parts: readonly string[];
  };
  readonly manifestSha256: string;
  readonly inReplyTo?: string;
}

/** @param kickPulls wakes the pull worker; called once the acceptance is durable. */
export function packetOfferHandler(kickPulls: () => void): InboxHandler {
  return {
    right: 'transfer',
    personal: () => false,
    accept: acceptOffer,
    settled: () => kickPulls(),
  };
}

async function acceptOffer(tx: Queryable, message: InboundMessage): Promise<Acceptance> {
  // The inbox has held the body against its schema.
  const offer = message.content.body as unknown as PacketOffer;
  const { bundle } = offer;
  if (bundle.parts.length !== partCount(bundle.size, bundle.partSize)) {
    throw new GatewayError('packet.invalid', 'the number of parts does not fit size and part size');
  }
  await assertAsked(tx, message, offer);
  const { content, from, receivedAt } = message;
  const added = await insertInbound(
    tx,
    {
      packet_id: offer.packetId,
      transfer_id: content.id,
      sender: from,
      type: offer.packetType,
      doc_no: offer.docNo,
      group_id: content.group,
      purpose: content.purpose,
      legal_basis: content.legalBasis,
      manifest_sha256: offer.manifestSha256,
      bundle_sha256: bundle.sha256,
      bundle_size: bundle.size,
      part_size: bundle.partSize,
      parts: bundle.parts,
      in_reply_to: offer.inReplyTo ?? null,
      offered_at: receivedAt,
      grant_id: message.grant,
    },
    inboundKey(message),
  );
  if (!added) throw new GatewayError('packet.state', `packet ${offer.packetId} was offered before`);
  return {
    subject: { type: 'bundle', id: offer.packetId, sha256: bundle.sha256, size: bundle.size },
    result: { packetId: offer.packetId, transfer: content.id },
  };
}

/** An answer must reply to a request that we sent to this very member. */
async function assertAsked(tx: Queryable, message: InboundMessage, offer: PacketOffer): Promise<void> {
  if (offer.packetType !== 'EVIDENCE_RESPONSE') return;
  const request = offer.inReplyTo === undefined ? undefined : await findRequest(tx, 'out', offer.inReplyTo);
  if (request?.peer !== message.from) {
    throw new GatewayError('request.not-found', 'the packet answers no request of ours to this member');
  }
}
