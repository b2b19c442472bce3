/** The receipt 回执: an officer of the receiver signs what was received, the sender keeps the signature. */
import { canonicalBytes, type JsonObject } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { messageSchema, sealMessage } from './seal-message.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { verifyOfficers } from '../officer-check.ts';
import { packetRecord, type PacketRecord } from '../packets.ts';
import { recordAct } from '../record-act.ts';
import { findInbound, lockInbound, setInboundReceipt, type InboundRow } from '../store/inbound-store.ts';
import { receiptOf } from '../store/transfer-store.ts';

/** Order 310 art. 7: what the receiver's officer puts a name to. */
export interface ReceiptDocument extends JsonObject {
  readonly document: 'packet-receipt';
  readonly version: 1;
  readonly packetId: string;
  readonly packetType: string;
  readonly docNo: string;
  readonly transfer: string;
  readonly sender: string;
  readonly receiver: string;
  readonly bundle: { readonly sha256: string; readonly size: number };
  readonly manifestSha256: string;
  readonly receivedAt: string;
  readonly registry: { readonly serial: number; readonly sha256: string };
}

export interface ReceiptUpload {
  readonly packetId: string;
  /** CMS SignedData, DER, over the canonical document. */
  readonly cms: Buffer;
  readonly actor: string;
}

export interface SignedReceipt {
  /** Canonical JSON: the bytes that were signed. */
  readonly document: string;
  readonly cms: Buffer;
}

/** Canonical JSON to sign, the same bytes at every call. Throws packet.not-found, packet.state. */
export async function receiptDocument(deps: EvidenceDeps, packetId: string): Promise<Buffer> {
  return documentOf(deps, await requireReceived(deps, packetId));
}

/** The signed receipt, on the side that signed it or on the side that got it. Throws packet.state. */
export async function signedReceipt(deps: EvidenceDeps, packetId: string): Promise<SignedReceipt> {
  const { direction, state } = await packetRecord(deps, packetId);
  const found =
    direction === 'out'
      ? await receiptOf(deps.database, packetId)
      : await findInbound(deps.database, packetId);
  if (found?.receipt_document == null || found.receipt_cms === null) {
    throw new GatewayError('packet.state', `no receipt was signed yet: the packet is ${state}`, {
      facts: { state },
    });
  }
  return { document: found.receipt_document, cms: found.receipt_cms };
}

/** Sends the receipt to the sender. Throws packet.state, packet.signature-invalid, packet.signer-unregistered. */
export async function signReceipt(deps: EvidenceDeps, upload: ReceiptUpload): Promise<PacketRecord> {
  const row = await requireReceived(deps, upload.packetId);
  const content = documentOf(deps, row);
  const registry = deps.registry.current();
  const officers = await verifyOfficers({
    cms: upload.cms,
    content,
    registry,
    member: deps.member,
    now: deps.clock(),
  });
  assertReceiver(officers);
  const message = await sealMessage(deps, {
    kind: 'packet-receipt',
    right: 'transfer',
    to: row.sender,
    group: row.group_id,
    purpose: row.purpose,
    legalBasis: row.legal_basis,
    body: { document: JSON.parse(content.toString()) as JsonObject, cms: upload.cms.toString('base64') },
  });
  const key = await deps.database.transaction(async (tx) => {
    const locked = await lockInbound(tx, row.packet_id);
    if (locked?.state !== 'received') throw notReceived(locked?.state ?? 'gone');
    await setInboundReceipt(tx, row.packet_id, { document: content.toString(), cms: upload.cms });
    await deps.enqueue(tx, { ...message, actor: upload.actor });
    return recordAct(deps, tx, {
      kind: 'receipt.signed',
      actor: upload.actor,
      peer: row.sender,
      group: row.group_id,
      purpose: row.purpose,
      basis: row.legal_basis,
      subject: { type: 'receipt', id: row.packet_id, sha256: sha256Hex(content), size: content.length },
    });
  });
  await deps.ledger.settle(key);
  deps.kickDelivery();
  return packetRecord(deps, row.packet_id);
}

/** Every signer must be one who may receive: a receipt is signed by nobody else. */
export function assertReceiver(
  officers: readonly { readonly x5t: string; readonly roles: readonly string[] }[],
): void {
  for (const { x5t, roles } of officers) {
    if (roles.includes('RECEIVER')) continue;
    throw new GatewayError('packet.signer-unregistered', 'the signer may not act as RECEIVER', {
      facts: { x5t, role: 'RECEIVER' },
    });
  }
}

export const RECEIPT_SCHEMA = messageSchema('packet-receipt');

function documentOf(deps: EvidenceDeps, row: InboundRow): Buffer {
  const { received_at, receipt_registry } = row;
  if (received_at === null || receipt_registry === null) throw notReceived(row.state);
  const document: ReceiptDocument = {
    document: 'packet-receipt',
    version: 1,
    packetId: row.packet_id,
    packetType: row.type,
    docNo: row.doc_no,
    transfer: row.transfer_id,
    sender: row.sender,
    receiver: deps.member,
    bundle: { sha256: row.bundle_sha256, size: row.bundle_size },
    manifestSha256: row.manifest_sha256,
    receivedAt: received_at.toISOString(),
    registry: { serial: receipt_registry.serial, sha256: receipt_registry.sha256 },
  };
  return canonicalBytes(document);
}

async function requireReceived(deps: EvidenceDeps, packetId: string): Promise<InboundRow> {
  const { state } = await packetRecord(deps, packetId);
  const row = await findInbound(deps.database, packetId);
  if (row === undefined || !['received', 'receipted'].includes(row.state)) throw notReceived(state);
  return row;
}

function notReceived(state: string): GatewayError {
  return new GatewayError(
    'packet.state',
    `a receipt needs a packet that was received and verified; this is ${state}`,
    {
      facts: { state },
    },
  );
}
