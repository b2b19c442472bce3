/** Transfers a signed packet: offers its bundle to the receiver or to one who gets a copy. */
import { GatewayError } from '../../core/errors.ts';
import type { MemberId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { packetRecord, type PacketRecord } from '../packets.ts';
import { recordAct } from '../record-act.ts';
import { prepareOffer, storeOffer, type PreparedOffer } from './offer.ts';
import { sealBundle } from '../making/seal-bundle.ts';
import { findPacket, lockPacket, type Bundle, type PacketRow } from '../store/packet-store.ts';
import { transfersOf } from '../store/transfer-store.ts';

export interface TransferOrder {
  readonly packetId: string;
  /** The packet's receiver when absent. */
  readonly to?: MemberId;
  readonly actor: string;
}

/** Returns once the offer is in the ledger. Throws packet.not-found, packet.state, packet.invalid, grant.refused. */
export async function transferPacket(deps: EvidenceDeps, order: TransferOrder): Promise<PacketRecord> {
  const { state } = await packetRecord(deps, order.packetId);
  // Its last signature is there, its container is not: the store was full, or the process died.
  if (state === 'sealing') await sealBundle(deps, order.packetId, order.actor);
  const row = await findPacket(deps.database, order.packetId);
  if (row === undefined)
    throw new GatewayError('packet.not-found', `no packet ${order.packetId} was made here`);
  const offer = await prepareOffer(deps, { row, bundle: bundleOf(row), to: order.to ?? row.receiver });
  const key = await deps.database.transaction(async (tx) => {
    await lockPacket(tx, row.id);
    await assertNotReceipted(tx, offer);
    await storeOffer(deps, tx, offer);
    return recordAct(deps, tx, {
      kind: 'packet.transferred',
      actor: order.actor,
      peer: offer.to,
      group: row.group_id,
      purpose: row.purpose,
      basis: row.legal_basis,
      subject: { type: 'packet', id: row.id, sha256: row.manifest_sha256 },
    });
  });
  await deps.ledger.settle(key);
  deps.kickDelivery();
  return packetRecord(deps, row.id);
}

function bundleOf(row: PacketRow): Bundle {
  const { bundle_sha256, bundle_size, part_size, parts } = row;
  if (bundle_sha256 === null || bundle_size === null || part_size === null || parts === null) {
    throw new GatewayError('packet.state', `the packet is ${row.state}: it needs all its signatures first`, {
      facts: { state: row.state },
    });
  }
  return { sha256: bundle_sha256, size: bundle_size, partSize: part_size, parts };
}

/** An offer that failed may be made again; one that was receipted is done. */
async function assertNotReceipted(tx: Queryable, { row, to }: PreparedOffer): Promise<void> {
  const earlier = await transfersOf(tx, [row.id]);
  if (earlier.some(({ recipient, receipted_at }) => recipient === to && receipted_at !== null)) {
    throw new GatewayError('packet.state', `${to} has signed the receipt of this packet already`);
  }
}
