/** The offer of a signed packet's bundle to one recipient: the envelope and the row beside it. */
import { GatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import type { OutgoingMessage } from '../../federation/delivery/outbox.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { assertOnward, type Leaving } from '../onward.ts';
import type { Packet } from '../packet-types.ts';
import { sealMessage } from './seal-message.ts';
import { setState, type Bundle, type PacketRow } from '../store/packet-store.ts';
import { insertTransfer } from '../store/transfer-store.ts';

export interface PreparedOffer {
  readonly row: PacketRow;
  readonly to: MemberId;
  readonly message: OutgoingMessage;
}

/** Throws packet.invalid, grant.refused, grant.onward-*. */
export async function prepareOffer(
  deps: EvidenceDeps,
  { row, bundle, to }: { readonly row: PacketRow; readonly bundle: Bundle; readonly to: MemberId },
): Promise<PreparedOffer> {
  assertAddressed(row, to);
  // Asked when it was assembled; since then registry and inbox may have changed.
  await assertOnward(deps, { ...leavingOf(row), to: [to] });
  const message = await sealMessage(deps, {
    kind: 'packet-offer',
    right: 'transfer',
    to,
    group: row.group_id,
    purpose: row.purpose,
    legalBasis: row.legal_basis,
    grade: row.grade,
    body: {
      packetId: row.id,
      packetType: row.type,
      docNo: row.doc_no,
      bundle: { sha256: bundle.sha256, size: bundle.size, partSize: bundle.partSize, parts: bundle.parts },
      manifestSha256: row.manifest_sha256,
      ...(row.in_reply_to === null ? {} : { inReplyTo: row.in_reply_to }),
    },
  });
  return { row, to, message };
}

function leavingOf({ group_id, purpose, legal_basis, files }: PacketRow): Omit<Leaving, 'to'> {
  // Forms are written here, and many say the same few words.
  const digests = files.filter(({ path }) => path.startsWith('items/')).map(({ sha256 }) => sha256);
  return { group: group_id, purpose, legalBasis: legal_basis, digests };
}

/** The transfer's id is the envelope's: both sides know it, and a part is asked for by it. */
export async function storeOffer(deps: EvidenceDeps, tx: Queryable, offer: PreparedOffer): Promise<void> {
  const { row, to, message } = offer;
  const [queued] = await deps.enqueue(tx, message);
  if (queued === undefined) throw new GatewayError('internal', 'the outbox took no recipient');
  await insertTransfer(tx, {
    id: message.content.id,
    packet_id: row.id,
    recipient: to,
    mid: queued.mid,
    offered_at: deps.clock(),
  });
  await setState(tx, row.id, 'transferred');
}

/** The signed packet names who gets it; nobody else does. */
function assertAddressed(row: PacketRow, to: MemberId): void {
  const { receiver, copyTo } = JSON.parse(row.packet) as Packet;
  if ([receiver, ...copyTo].some(({ member }) => member === to)) return;
  throw new GatewayError('packet.invalid', `the packet is not addressed to ${to}`, { facts: { to } });
}
