/** Accepts the receipt of a packet that we transferred: right document, right officer, once. */
import { canonicalBytes, type JsonObject } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Acceptance, InboundMessage, InboxHandler } from '../../federation/inbox.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { verifyOfficers } from '../officer-check.ts';
import { assertReceiver, type ReceiptDocument } from './receipt.ts';
import { lockPacket, setState, type PacketRow } from '../store/packet-store.ts';
import { lockTransfer, setReceipt, type TransferRow } from '../store/transfer-store.ts';

export function receiptHandler(deps: EvidenceDeps): InboxHandler {
  return {
    right: 'transfer',
    personal: () => false,
    accept: (tx, message) => acceptReceipt(deps, tx, message),
  };
}

async function acceptReceipt(
  deps: EvidenceDeps,
  tx: Queryable,
  message: InboundMessage,
): Promise<Acceptance> {
  // The inbox has held the body against schemas/packet-receipt.json.
  const { document, cms } = message.content.body as unknown as { document: ReceiptDocument; cms: string };
  const transfer = await lockTransfer(tx, document.transfer);
  const packet = transfer === undefined ? undefined : await lockPacket(tx, transfer.packet_id);
  if (transfer?.recipient !== message.from || packet === undefined) {
    throw new GatewayError('packet.not-found', 'the receipt names no transfer to you');
  }
  if (transfer.receipted_at !== null) throw new GatewayError('packet.state', 'this transfer has its receipt');
  assertDocument(deps, { document, packet, transfer });

  const content = canonicalBytes(document);
  const signature = Buffer.from(cms, 'base64');
  const officers = await verifyOfficers({
    cms: signature,
    content,
    registry: deps.registry.current(),
    member: message.from,
    now: deps.clock(),
  });
  assertReceiver(officers);

  await setReceipt(tx, transfer.id, { document: content.toString(), cms: signature, at: message.receivedAt });
  if (packet.receiver === message.from) await setState(tx, packet.id, 'receipted');
  return {
    subject: { type: 'receipt', id: packet.id, sha256: sha256Hex(content), size: content.length },
    result: { packetId: packet.id, transfer: transfer.id },
  };
}

/** What was signed must be what was sent, field by field; only the receiver knows its time and its registry. */
function assertDocument(
  deps: EvidenceDeps,
  { document, packet, transfer }: { document: ReceiptDocument; packet: PacketRow; transfer: TransferRow },
): void {
  const expected: JsonObject = {
    document: 'packet-receipt',
    version: 1,
    packetId: packet.id,
    packetType: packet.type,
    docNo: packet.doc_no,
    transfer: transfer.id,
    sender: deps.member,
    receiver: transfer.recipient,
    bundle: { sha256: packet.bundle_sha256, size: packet.bundle_size },
    manifestSha256: packet.manifest_sha256,
    receivedAt: document.receivedAt,
    registry: document.registry,
  };
  for (const [field, value] of Object.entries(expected)) {
    if (canonicalBytes(document[field] ?? null).equals(canonicalBytes(value))) continue;
    throw new GatewayError('packet.invalid', `the receipt's ${field} differs from what was transferred`, {
      facts: { field },
    });
  }
}
