/** What a member's own systems may read about packets, both those made here and those offered to us. */
import type { JsonValue } from '../core/canonical.ts';
import { GatewayError } from '../core/errors.ts';
import type { Readable } from 'node:stream';
import { UUID } from '../core/ids.ts';
import type { EvidenceDeps } from './evidence-deps.ts';
import type { Packet, SignatoryRole } from './packet-types.ts';
import { findInbound, listInbound, type InboundRow } from './store/inbound-store.ts';
import { findPacket, listPackets as listOwn, type PacketRow } from './store/packet-store.ts';
import { transfersOf, type TransferRow } from './store/transfer-store.ts';

export interface PacketRecord {
  readonly packetId: string;
  readonly direction: 'out' | 'in';
  readonly packetType: string;
  readonly docNo: string;
  /** out: assembled sealing signed transferred receipted; in: offered pulling pulled received rejected failed receipted. */
  readonly state: string;
  readonly group: string;
  /** The receiver of our packet, or who offered theirs. */
  readonly peer: string;
  readonly manifestSha256: string;
  readonly bundle?: { readonly sha256: string; readonly size: number };
  readonly signatories?: readonly {
    readonly role: SignatoryRole;
    readonly name: string;
    readonly x5t: string;
    readonly signed: boolean;
  }[];
  readonly transfers?: readonly {
    readonly id: string;
    readonly to: string;
    readonly mid: string;
    readonly offeredAt: string;
    readonly receiptedAt?: string;
  }[];
  /** Id of the evidence request that this answers. */
  readonly inReplyTo?: string;
  /** Why an offer waits, failed or was rejected. */
  readonly reason?: string;
  /** Report of the bundle's checks, once it was pulled. */
  readonly report?: JsonValue;
  readonly createdAt: string;
  readonly receivedAt?: string;
}

const MAX_LIST = 500;

/** Throws packet.not-found. */
export async function packetRecord(deps: EvidenceDeps, packetId: string): Promise<PacketRecord> {
  assertUuid(packetId);
  const own = await findPacket(deps.database, packetId);
  if (own !== undefined) return outRecord(own, await transfersOf(deps.database, [packetId]));
  const inbound = await findInbound(deps.database, packetId);
  if (inbound !== undefined) return inRecord(inbound);
  throw new GatewayError('packet.not-found', `no packet ${packetId}`);
}

/** Newest first. */
export async function listPackets(
  deps: EvidenceDeps,
  filter: { readonly direction?: 'in' | 'out'; readonly limit?: number } = {},
): Promise<readonly PacketRecord[]> {
  const limit = Math.min(filter.limit ?? 100, MAX_LIST);
  const own = filter.direction === 'in' ? [] : await listOwn(deps.database, limit);
  const inbound = filter.direction === 'out' ? [] : await listInbound(deps.database, limit);
  const transfers = await transfersOf(
    deps.database,
    own.map(({ id }) => id),
  );
  const records = [
    ...own.map((row) =>
      outRecord(
        row,
        transfers.filter(({ packet_id }) => packet_id === row.id),
      ),
    ),
    ...inbound.map(inRecord),
  ];
  return records.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, limit);
}

/** The container as it was signed or received; a received one only after its checks. Throws packet.state. */
export async function openBundle(
  deps: EvidenceDeps,
  packetId: string,
): Promise<{ readonly sha256: string; readonly size: number; readonly path: string; open(): Readable }> {
  const { state, bundle } = await packetRecord(deps, packetId);
  const ready = ['signed', 'transferred', 'receipted', 'received', 'rejected'].includes(state);
  if (bundle === undefined || !ready) {
    throw new GatewayError('packet.state', `the packet has no bundle yet: it is ${state}`, {
      facts: { state },
    });
  }
  return {
    ...bundle,
    path: deps.blobs.path(bundle.sha256),
    open: () => deps.blobs.read(bundle.sha256),
  };
}

function outRecord(row: PacketRow, transfers: readonly TransferRow[]): PacketRecord {
  const { signatories } = JSON.parse(row.packet) as Packet;
  return {
    packetId: row.id,
    direction: 'out',
    packetType: row.type,
    docNo: row.doc_no,
    state: row.state,
    group: row.group_id,
    peer: row.receiver,
    manifestSha256: row.manifest_sha256,
    ...(row.bundle_sha256 === null || row.bundle_size === null
      ? {}
      : { bundle: { sha256: row.bundle_sha256, size: row.bundle_size } }),
    signatories: signatories.map((person) => ({ ...person, signed: row.signed_by.includes(person.x5t) })),
    transfers: transfers.map(transferRecord),
    ...(row.in_reply_to === null ? {} : { inReplyTo: row.in_reply_to }),
    createdAt: row.created_at.toISOString(),
  };
}

function transferRecord(row: TransferRow): NonNullable<PacketRecord['transfers']>[number] {
  return {
    id: row.id,
    to: row.recipient,
    mid: row.mid,
    offeredAt: row.offered_at.toISOString(),
    ...(row.receipted_at === null ? {} : { receiptedAt: row.receipted_at.toISOString() }),
  };
}

function inRecord(row: InboundRow): PacketRecord {
  return {
    packetId: row.packet_id,
    direction: 'in',
    packetType: row.type,
    docNo: row.doc_no,
    state: row.state,
    group: row.group_id,
    peer: row.sender,
    manifestSha256: row.manifest_sha256,
    bundle: { sha256: row.bundle_sha256, size: row.bundle_size },
    ...(row.in_reply_to === null ? {} : { inReplyTo: row.in_reply_to }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.report === null ? {} : { report: row.report }),
    createdAt: row.offered_at.toISOString(),
    ...(row.received_at === null ? {} : { receivedAt: row.received_at.toISOString() }),
  };
}

function assertUuid(packetId: string): void {
  if (!UUID.test(packetId)) throw new GatewayError('packet.not-found', 'a packet id is a UUID');
}
