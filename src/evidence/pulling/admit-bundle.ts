/** Verifies a pulled bundle by the registry it names, and admits or rejects the packet; the report is kept. */
import type { JsonValue } from '../../core/canonical.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { PACKET_SCHEMA, type Packet } from '../packet-types.ts';
import { recordAct } from '../record-act.ts';
import { insertReceived } from '../store/received-store.ts';
import { setReceived, type InboundRow } from '../store/inbound-store.ts';
import { setAnswered } from '../store/request-store.ts';
import { verifyBundle, type BundleReport, type BundleTrust } from '../verify-bundle.ts';

/** A bundle that fails is no error of the pull: the packet is rejected and says why. */
export async function admitBundle(deps: EvidenceDeps, row: InboundRow): Promise<'received' | 'rejected'> {
  let packet: Packet | undefined;
  const trust = trustOf(deps, (found) => {
    packet = found;
  });
  const report = await verifyBundle(deps.blobs.path(row.bundle_sha256), trust);
  assertNotAhead(deps, packet);
  const reason = reasonToReject(deps, row, { report, packet });
  const state = reason === undefined ? 'received' : 'rejected';
  const { serial, sha256 } = deps.registry.current();
  const key = await deps.database.transaction(async (tx) => {
    const first = await setReceived(tx, row.packet_id, {
      state,
      report: JSON.parse(canonicalJson(report)) as JsonValue,
      at: deps.clock(),
      reason: reason ?? null,
      registry: { serial, sha256 },
    });
    if (!first) return undefined;
    if (packet !== undefined) await noteReceived(tx, row, packet);
    if (state === 'received' && row.type === 'EVIDENCE_RESPONSE' && row.in_reply_to !== null) {
      await setAnswered(tx, { direction: 'out', id: row.in_reply_to, packetId: row.packet_id });
    }
    return recordAct(deps, tx, {
      kind: `packet.${state}`,
      actor: 'gateway',
      peer: row.sender,
      group: row.group_id,
      purpose: row.purpose,
      basis: row.legal_basis,
      subject: { type: 'bundle', id: row.packet_id, sha256: row.bundle_sha256, size: row.bundle_size },
      ...(state === 'rejected' ? { code: 'bundle.invalid' } : {}),
    });
  });
  if (key !== undefined) await deps.ledger.settle(key);
  return state;
}

/** A packet that is rejected has brought its bytes all the same. */
function noteReceived(
  tx: Queryable,
  { packet_id, bundle_sha256 }: InboundRow,
  packet: Packet,
): Promise<void> {
  const files = [...packet.items, ...packet.annexes].map(({ digests }) => digests.sha256);
  return insertReceived(tx, {
    id: packet_id,
    files: [...new Set([bundle_sha256, ...files])],
    declared: packet.onwardUse,
  });
}

/** The sender has a registry that has not reached us: nothing can be said about its people yet. */
function assertNotAhead(deps: EvidenceDeps, packet: Packet | undefined): void {
  const { serial } = deps.registry.current();
  if (packet === undefined || packet.registry.serial <= serial) return;
  throw new GatewayError(
    'registry.stale',
    `the packet pins registry ${packet.registry.serial}, ours is ${serial}`,
  );
}

/** Signatures are judged by the registry the packet pins: last year's packet by last year's registry. */
export function registryTrust(registry: EvidenceDeps['registry']): BundleTrust['registryAt'] {
  return (serial, sha256) => {
    const view = registry.at(serial);
    if (view === undefined || view.sha256 !== sha256) return undefined;
    return { cas: [...view.body.cas], signer: (x5t) => view.signer(x5t) };
  };
}

function trustOf(deps: EvidenceDeps, onPacket: (packet: Packet) => void): BundleTrust {
  return {
    registryAt: registryTrust(deps.registry),
    schemaCheck: (id, value) => {
      deps.schemas.validate(id, value);
      if (id === PACKET_SCHEMA) onPacket(value as Packet);
    },
  };
}

/** The bundle may be sound and still not be what was offered, or not be meant for us. */
function reasonToReject(
  deps: EvidenceDeps,
  row: InboundRow,
  { report, packet }: { readonly report: BundleReport; readonly packet: Packet | undefined },
): string | undefined {
  const failed = report.checks.find(({ ok }) => !ok);
  if (!report.ok) return failed === undefined ? 'could not be checked' : `${failed.code}: ${failed.message}`;
  if (packet === undefined || packet.packetId !== `urn:uuid:${row.packet_id}`)
    return 'another packet was offered';
  if (packet.sender.member !== row.sender) return 'the packet names another sender';
  if (packet.docNo !== row.doc_no || packet.packetType !== row.type)
    return 'the offer described another packet';
  const registry = deps.registry.current();
  // Only a superseded key still speaks for what it signed before: see registry-types.ts.
  const reasons = packet.signatories.map(({ x5t }) => registry.signer(x5t)?.revoked?.reason ?? 'superseded');
  if (reasons.some((reason) => reason !== 'superseded')) {
    return 'the key of a signatory is known to be compromised';
  }
  const addressed = [packet.receiver, ...packet.copyTo].some(({ member }) => member === deps.member);
  return addressed ? undefined : 'the packet is not addressed to us';
}
