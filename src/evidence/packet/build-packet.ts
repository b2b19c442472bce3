/** The packet that will be signed: statements of the draft, content found in the store, parties from the registry. */
import { GatewayError } from '../../core/errors.ts';
import type { RegistryView } from '../../federation/registry/registry-view.ts';
import type { PacketDraft } from '../making/packet-draft.ts';
import { SPEC_VERSION, type Organisation, type Packet, type PacketStatement } from '../packet-types.ts';
import { without } from '../without.ts';
import type { PacketContent } from './packet-files.ts';

export interface PacketContext {
  readonly packetId: string;
  readonly createdAt: string;
  readonly member: string;
  readonly registry: RegistryView;
}

export function buildPacket(draft: PacketDraft, content: PacketContent, context: PacketContext): Packet {
  const { registry } = context;
  const group = registry.group(draft.group);
  if (group === undefined || !registry.inGroup(draft.group, context.member)) {
    throw new GatewayError('packet.invalid', `${context.member} is not in a group ${draft.group}`, {
      facts: { group: draft.group },
    });
  }
  return {
    ...statementOf(draft),
    packetId: `urn:uuid:${context.packetId}`,
    specVersion: SPEC_VERSION,
    createdAt: context.createdAt,
    sender: organisation(registry, context.member),
    receiver: partner(registry, draft.group, draft.receiver),
    copyTo: (draft.copyTo ?? []).map((member) => partner(registry, draft.group, member)),
    compartment: group.compartment,
    annexes: content.annexes,
    items: content.items,
    registry: { serial: registry.serial, sha256: registry.sha256 },
  };
}

/** The draft without what only steers the gateway. */
function statementOf(draft: PacketDraft): PacketStatement {
  return without(draft, 'group', 'receiver', 'copyTo', 'forms', 'items', 'custody');
}

function partner(registry: RegistryView, group: string, member: string): Organisation {
  if (!registry.active(member) || !registry.inGroup(group, member)) {
    throw new GatewayError('packet.invalid', `${member} is no active member of the group ${group}`, {
      facts: { member, group },
    });
  }
  return organisation(registry, member);
}

function organisation(registry: RegistryView, id: string): Organisation {
  const found = registry.member(id);
  if (found === undefined) throw new GatewayError('packet.invalid', `${id} is not in the registry`);
  const { uscc, name, region, level, roles } = found;
  return { member: id, uscc, name, region, level, role: roles[0] ?? '' };
}

/** The codes that grants name, `Order310-3`. */
export function basisCodes(packet: Pick<Packet, 'legalBasis'>): readonly string[] {
  return packet.legalBasis.map(({ instrument, article }) => `${instrument}-${article}`);
}

/** Highest JR/T 0197 level among the items; a packet without items carries internal documents, level 2. */
export function gradeOf(packet: Pick<Packet, 'items'>): number {
  return packet.items.reduce((highest, { grade }) => Math.max(highest, grade.jrt0197), 2);
}
