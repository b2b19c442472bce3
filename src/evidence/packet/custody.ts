/** The custody log of a packet: JSON lines, each carrying the SHA-256 of the line before it. */
import { canonicalJson } from '../../core/canonical.ts';
import { sha256Hex } from '../../core/digest.ts';
import type { CustodyDraft } from '../making/packet-draft.ts';
import type { EvidenceItem, Packet } from '../packet-types.ts';
import { without } from '../without.ts';

export interface CustodyEvent {
  readonly type: string;
  readonly itemNos: readonly string[];
  readonly at: string;
  readonly byPerson: readonly string[];
  readonly byOrg: string;
  readonly to?: string;
  readonly purpose: string;
  readonly authorityRef: string;
  /** SHA-256 of the item, hex; null before there are bytes to hash. */
  readonly digestBefore: string | null;
  readonly digestAfter: string | null;
  readonly tool?: string;
  readonly result: string;
}

export const FIRST_PREVIOUS = '0'.repeat(64);

/** Returns the log with a newline after every line; the hash of a line does not cover its newline. */
export function writeCustody(events: readonly CustodyEvent[]): string {
  let previous = FIRST_PREVIOUS;
  let log = '';
  for (const [index, event] of events.entries()) {
    const line = canonicalJson({ ...event, seq: index + 1, prevEventHash: previous });
    previous = sha256Hex(line);
    log += `${line}\n`;
  }
  return log;
}

/**
 * What happened to each item up to the transfer. Signing the manifest is the act of approval and transfer; their
 * events stand in the log that is signed.
 */
export function custodyOf(packet: Packet, earlier: readonly CustodyDraft[]): readonly CustodyEvent[] {
  const events = packet.items.flatMap((item) => [
    ...beforeThePacket(packet, item, earlier),
    ...inTheGateway(packet, item),
    ...handingOver(packet, item),
  ]);
  if (packet.items.length === 0) return handingOver(packet, undefined);
  // Stable: events of one instant keep their order.
  return events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function beforeThePacket(
  packet: Packet,
  item: EvidenceItem,
  earlier: readonly CustodyDraft[],
): readonly CustodyEvent[] {
  const base = { itemNos: [item.itemNo], byOrg: packet.sender.member, authorityRef: item.recordRef };
  const people = item.collectedBy;
  const tool = `${item.method.tool} ${item.method.version}`;
  const { sha256 } = item.digests;
  const collected: readonly CustodyEvent[] = [
    {
      ...base,
      type: 'IDENTIFY',
      at: item.identifiedAt,
      byPerson: people,
      purpose: item.relevance,
      digestBefore: null,
      digestAfter: null,
      result: item.source.system,
    },
    {
      ...base,
      type: 'EXTRACT',
      at: item.collectedAt,
      byPerson: people,
      purpose: packet.purpose,
      tool,
      digestBefore: null,
      digestAfter: sha256,
      result: item.alterations,
    },
  ];
  const stated = earlier
    .filter((event) => event.itemNo === item.itemNo)
    .map((event): CustodyEvent => {
      // Before extraction the gateway's bytes did not exist, after it they may not have changed.
      const digest = Date.parse(event.at) < Date.parse(item.collectedAt) ? null : sha256;
      const stated = without(event, 'itemNo');
      return { ...base, result: 'done', ...stated, digestBefore: digest, digestAfter: digest };
    });
  return [...collected, ...stated];
}

function inTheGateway(packet: Packet, item: EvidenceItem): readonly CustodyEvent[] {
  const { sha256, sm3 } = item.digests;
  const base = { ...actOf(packet, item), byPerson: named(packet, HANDLING), tool: 'lianzheng' };
  return [
    { ...base, type: 'HASH', result: `sha256:${sha256} sm3:${sm3}` },
    { ...base, type: 'STORE', result: 'blob store of the gateway' },
  ];
}

/** A packet without items, an answer that refuses everything, is handed over as well. */
function handingOver(packet: Packet, item: EvidenceItem | undefined): readonly CustodyEvent[] {
  const handlers = named(packet, HANDLING);
  const approvers = named(packet, ['APPROVER']);
  const base = actOf(packet, item);
  return [
    { ...base, type: 'APPROVE', byPerson: approvers.length > 0 ? approvers : handlers, result: 'approved' },
    { ...base, type: 'TRANSFER_OUT', byPerson: handlers, to: packet.receiver.member, result: packet.docNo },
  ];
}

const HANDLING = ['HANDLER', 'PROVIDER'];

function actOf(packet: Packet, item: EvidenceItem | undefined) {
  const digest = item?.digests.sha256 ?? null;
  return {
    itemNos: item === undefined ? [] : [item.itemNo],
    at: packet.createdAt,
    byOrg: packet.sender.member,
    purpose: packet.purpose,
    authorityRef: packet.docNo,
    digestBefore: digest,
    digestAfter: digest,
  };
}

function named(packet: Packet, roles: readonly string[]): readonly string[] {
  return packet.signatories.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
}
