/** Binds the capability rooms to the member plane: what they return, in the words of openapi.yaml. */
import type { GatewayConfig } from '../../config.ts';
import type { QueueDesk } from '../exchange.ts';
import type { JsonObject } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import { assemblePacket } from '../../evidence/making/assemble.ts';
import type { EvidenceDeps } from '../../evidence/evidence-deps.ts';
import type { PacketDraft } from '../../evidence/making/packet-draft.ts';
import { listPackets, openBundle, packetRecord, type PacketRecord } from '../../evidence/packets.ts';
import { receiptDocument, signReceipt } from '../../evidence/handing-over/receipt.ts';
import { releaseEvidence, type ReleaseOrder } from '../../evidence/release.ts';
import { createEvidenceRequest, listEvidenceRequests, type RequestRecord } from '../../evidence/request.ts';
import { addSignature, manifestOf } from '../../evidence/making/sign.ts';
import { transferPacket } from '../../evidence/handing-over/transfer.ts';
import type { FeatureDeps } from '../../features/deps.ts';
import { erase } from '../../features/erasure/erase.ts';
import { listErasures } from '../../features/erasure/list-erasures.ts';
import { explainGrants } from './explain-grants.ts';
import { listFeatures } from '../../features/list.ts';
import { pushFeatures } from '../../features/push.ts';
import { screen } from '../../features/screen.ts';
import type { RegistryKeeper } from '../../federation/registry/registry-keeper.ts';
import { onwardServices } from './onward-services.ts';
import { queueServices } from './queue-services.ts';
import type { EvidenceRequest, MemberServices, Packet } from '../../http/member/services.ts';
import { ledgerProof } from '../ledger/ledger-proof.ts';
import type { LedgerGate } from '../../ledger/gate.ts';
import { othersWitnesses } from '../ledger/witness-peers.ts';
import { watchState } from '../../ledger/witness/watch-state.ts';
import { readKeyAt } from '../../ledger/entry-store.ts';

export interface ServiceDeps {
  readonly config: GatewayConfig;
  readonly registry: RegistryKeeper;
  readonly evidence: EvidenceDeps;
  readonly features: FeatureDeps;
  readonly gate: LedgerGate;
  readonly health: Pick<MemberServices, 'health' | 'alive'>;
  readonly desk: QueueDesk;
}

export function memberServices(deps: ServiceDeps): MemberServices {
  return {
    ...deps.health,
    ...featureServices(deps),
    ...packetServices(deps),
    ...requestServices(deps),
    ...onwardServices(deps.evidence),
    ...auditServices(deps),
    explain: (question) => explainGrants(deps.evidence, question),
    ...queueServices(deps),
  };
}

function featureServices({ features }: ServiceDeps) {
  return {
    pushFeatures: async (push) => ({ ...(await pushFeatures(features, push)) }),
    listFeatures: async (query) => await listFeatures(features, query),
    eraseSubject: (order) => erase(features, order),
    listErasures: async ({ limit }) => ({ erasures: await listErasures(features, limit) }),
    screen: async (request) => (await screen(features, request)) as never,
  } satisfies Partial<MemberServices>;
}

function packetServices({ evidence }: ServiceDeps) {
  return {
    putBlob: (source, expected) => evidence.blobs.put(source, expected),
    // Untrusted: assemblePacket holds the draft against schemas/packet-draft.json before it reads a field.
    assemblePacket: async (draft, actor) =>
      packet(await assemblePacket(evidence, draft as unknown as PacketDraft, actor)),
    listPackets: async ({ direction, state, limit }) => {
      const records = await listPackets(evidence, direction === undefined ? { limit } : { direction, limit });
      return {
        packets: records.filter((record) => state === undefined || record.state === state).map(packet),
      };
    },
    packet: async (packetId) => packet(await packetRecord(evidence, packetId)),
    manifestOf: (packetId) => manifestOf(evidence, packetId),
    addSignature: async (act) => packet(await addSignature(evidence, act)),
    transferPacket: async (act) => packet(await transferPacket(evidence, act)),
    bundle: async (packetId) => {
      const { size, sha256 } = await openBundle(evidence, packetId);
      return {
        size,
        sha256,
        open: (range) =>
          evidence.blobs.read(
            sha256,
            range === undefined ? undefined : { start: range.start, end: range.end + 1 },
          ),
      };
    },
    receiptDocument: async (packetId) => Buffer.from(await receiptDocument(evidence, packetId)),
    signReceipt: async (act) => packet(await signReceipt(evidence, act)),
  } satisfies Partial<MemberServices>;
}

function requestServices({ evidence }: ServiceDeps) {
  return {
    createEvidenceRequest: async (draft) => request(await createEvidenceRequest(evidence, draft)),
    listEvidenceRequests: async ({ direction, limit }) => {
      const records = await listEvidenceRequests(
        evidence,
        direction === undefined ? { limit } : { direction, limit },
      );
      return { requests: records.map(request) };
    },
    // Untrusted: releaseEvidence holds it against schemas/evidence-release.json before it reads a field.
    releaseEvidence: async (act) => packet(await releaseEvidence(evidence, act as unknown as ReleaseOrder)),
  } satisfies Partial<MemberServices>;
}

function auditServices({ registry, gate, evidence: { database, ledger, member } }: ServiceDeps) {
  return {
    ledgerEntry: async (index) => {
      const key = await readKeyAt(database, index);
      const entry = key === undefined ? undefined : await ledger.find(key);
      if (entry === undefined)
        throw new GatewayError('http.not-found', `the ledger has no entry ${index} yet`);
      const { origin, leaf, size, root, checkpoint, proof } = entry;
      return { origin, index, leaf, entry: entry.entry, size, root, checkpoint, proof };
    },
    ledgerProof: (id, wish) => ledgerProof({ database, ledger, registry }, id, wish),
    ledgerCheckpoint: async () => (await ledger.latest()).checkpoint,
    ledgerWatch: () => {
      return watchState(database, gate, othersWitnesses(registry, member));
    },
  } satisfies Partial<MemberServices>;
}

function packet({ packetType, ...record }: PacketRecord): Packet {
  return { ...(record as unknown as JsonObject), type: packetType } as unknown as Packet;
}

function request(record: RequestRecord): EvidenceRequest {
  return record as unknown as EvidenceRequest;
}
