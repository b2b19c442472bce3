/** Assembles a packet from a draft: checks, hashes, custody log, and the manifest that people will sign. */
import { Readable } from 'node:stream';
import { canonicalJson, type JsonObject } from '../../core/canonical.ts';
import { newId } from '../../core/ids.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { assertOnward } from '../onward.ts';
import { DRAFT_SCHEMA, PACKET_SCHEMA } from '../packet-types.ts';
import type { PacketDraft } from './packet-draft.ts';
import { basisCodes, buildPacket, gradeOf } from '../packet/build-packet.ts';
import { caseGraph } from '../packet/case-graph.ts';
import { custodyOf, writeCustody } from '../packet/custody.ts';
import { gatherFiles } from '../packet/packet-files.ts';
import { checkDraft } from '../packet/packet-rules.ts';
import { planOf } from '../packet/plan-packet.ts';
import { packetRecord, type PacketRecord } from '../packets.ts';
import { recordAct } from '../record-act.ts';
import { insertPacket, type NewPacket } from '../store/packet-store.ts';

/**
 * Returns the packet in state `assembled`, once its ledger entry is durable. Throws schema.invalid, packet.invalid,
 * packet.signer-unregistered, blob.not-found, blob.digest-mismatch, grant.onward-*.
 */
export async function assemblePacket(
  deps: EvidenceDeps,
  draft: PacketDraft,
  actor: string,
): Promise<PacketRecord> {
  const packet = await preparePacket(deps, draft);
  const key = await deps.database.transaction((tx) => storePacket(deps, tx, { packet, actor }));
  await deps.ledger.settle(key);
  return packetRecord(deps, packet.id);
}

/** Everything that needs no transaction. `draft` is untrusted: the schema makes it a draft. */
export async function preparePacket(deps: EvidenceDeps, draft: PacketDraft): Promise<NewPacket> {
  deps.schemas.validate(DRAFT_SCHEMA, draft);
  const now = deps.clock();
  const registry = deps.registry.current();
  checkDraft(draft, { member: deps.member, registry, now });
  const content = await gatherFiles(deps.blobs, draft);

  const id = newId();
  const createdAt = now.toISOString();
  const packet = buildPacket(draft, content, { packetId: id, createdAt, member: deps.member, registry });
  const text = canonicalJson(packet);
  deps.schemas.validate(PACKET_SCHEMA, JSON.parse(text) as JsonObject);
  // Told now, before anybody signs; asked again when the packet is offered.
  await assertOnward(deps, {
    group: draft.group,
    purpose: packet.purpose,
    legalBasis: basisCodes(packet),
    to: [packet.receiver, ...packet.copyTo].map(({ member }) => member),
    digests: packet.items.map(({ digests }) => digests.sha256),
  });

  for (const bytes of content.texts) await deps.blobs.put(Readable.from([bytes]));
  const source = {
    id,
    packet: text,
    custody: writeCustody(custodyOf(packet, draft.custody ?? [])),
    case_graph: canonicalJson(caseGraph(packet)),
    files: content.files,
    bagging_date: createdAt.slice(0, 10),
  };
  const plan = planOf(source, deps.blobs);
  return {
    ...source,
    type: packet.packetType,
    doc_no: packet.docNo,
    group_id: draft.group,
    receiver: packet.receiver.member,
    purpose: packet.purpose,
    legal_basis: basisCodes(packet),
    grade: gradeOf(packet),
    manifest: plan.manifest,
    manifest_sha256: plan.manifestSha256,
    in_reply_to: packet.inReplyTo?.requestId ?? null,
    created_at: now,
  };
}

/** Returns the key to settle after the commit. */
export async function storePacket(
  deps: EvidenceDeps,
  tx: Queryable,
  { packet, actor }: { packet: NewPacket; actor: string },
): Promise<Buffer> {
  const key = await recordAct(deps, tx, {
    kind: 'packet.assembled',
    actor,
    group: packet.group_id,
    purpose: packet.purpose,
    basis: packet.legal_basis,
    subject: { type: 'packet', id: packet.id, sha256: packet.manifest_sha256 },
  });
  await insertPacket(tx, packet, key);
  return key;
}
