/** Releases evidence: the holder's officer decides item by item, and the answer is a packet that officer signs. */
import type { JsonValue } from '../core/canonical.ts';
import { canonicalJson } from '../core/canonical.ts';
import { GatewayError } from '../core/errors.ts';
import { UUID } from '../core/ids.ts';
import { preparePacket, storePacket } from './making/assemble.ts';
import type { EvidenceDeps } from './evidence-deps.ts';
import type { CustodyDraft, FormDraft, ItemDraft, PacketDraft } from './making/packet-draft.ts';
import type { LegalBasis, Signatory } from './packet-types.ts';
import { packetRecord, type PacketRecord } from './packets.ts';
import { recordAct } from './record-act.ts';
import { without } from './without.ts';
import { findRequest, setDecided, type RequestRow } from './store/request-store.ts';

export interface ItemDecision {
  /** Id within the request. */
  readonly item: string;
  readonly release: boolean;
  /** Mandatory for a refusal; it stands in the answer. */
  readonly reason?: string;
  /** Mandatory for a release. */
  readonly file?: ItemDraft;
}

export interface ReleaseOrder {
  readonly requestId: string;
  /** One for each item that was asked for. */
  readonly decisions: readonly ItemDecision[];
  /** At least one PROVIDER. */
  readonly signatories: readonly Signatory[];
  readonly docNo?: string;
  readonly forms?: readonly FormDraft[];
  readonly custody?: readonly CustodyDraft[];
  readonly actor: string;
}

/**
 * Returns the EVIDENCE_RESPONSE to sign; with its last signature it is offered to the requester. Throws
 * request.not-found, request.state, packet.invalid and what assembling throws.
 */
export async function releaseEvidence(deps: EvidenceDeps, order: ReleaseOrder): Promise<PacketRecord> {
  const request = UUID.test(order.requestId)
    ? await findRequest(deps.database, 'in', order.requestId)
    : undefined;
  if (request === undefined) {
    throw new GatewayError('request.not-found', `no evidence request ${order.requestId} was made to us`);
  }
  if (request.state !== 'open') throw decidedBefore(request.state);
  assertComplete(request, order.decisions);

  const packet = await preparePacket(deps, responseDraft(request, order));
  const decisions = JSON.parse(
    canonicalJson(order.decisions.map((decision) => without(decision, 'file'))),
  ) as JsonValue;
  const key = await deps.database.transaction(async (tx) => {
    if (!(await setDecided(tx, request.id, { decisions, packetId: packet.id })))
      throw decidedBefore('deciding');
    await recordAct(deps, tx, {
      kind: 'evidence.released',
      actor: order.actor,
      peer: request.peer,
      group: request.group_id,
      purpose: request.purpose,
      basis: request.legal_basis,
      subject: { type: 'evidence-request', id: request.id },
    });
    return storePacket(deps, tx, { packet, actor: order.actor });
  });
  await deps.ledger.settle(key);
  return packetRecord(deps, packet.id);
}

function assertComplete(request: RequestRow, decisions: readonly ItemDecision[]): void {
  const asked = request.items.map(({ item }) => item).sort();
  const decided = decisions.map(({ item }) => item).sort();
  if (canonicalJson(asked) !== canonicalJson(decided)) {
    throw new GatewayError('packet.invalid', 'every item that was asked for needs exactly one decision', {
      facts: { asked, decided },
    });
  }
  for (const { item, release, reason, file } of decisions) {
    if (release ? file !== undefined : reason !== undefined && reason.length > 0) continue;
    const missing = release ? 'the file that is released' : 'the reason of the refusal';
    throw new GatewayError('packet.invalid', `decision on ${item} lacks ${missing}`, { facts: { item } });
  }
}

function responseDraft(request: RequestRow, order: ReleaseOrder): PacketDraft {
  const released = order.decisions.filter(({ release }) => release);
  const refused = order.decisions.filter(({ release }) => !release);
  return {
    packetType: 'EVIDENCE_RESPONSE',
    docNo: order.docNo ?? `${request.notice_no} 复`,
    group: request.group_id,
    receiver: request.peer,
    legalBasis: request.legal_basis.map(basisOf),
    purpose: request.purpose,
    onwardUse: 'same-purpose',
    // 反洗钱法 and 刑诉法: whoever is investigated is not told by the bank.
    noticeStatus: { status: 'deferred', reason: '调取证据通知书' },
    caseSummary: `${request.notice_no} ${request.case_ref}: ${released.length} / ${order.decisions.length}`,
    origin: 'OTHER_AGENCY',
    suspectedOffences: [],
    amounts: [],
    places: [],
    subjects: [],
    counterIndications: [],
    priorPenalties: [],
    urgentMeasures: [],
    requests: [],
    inReplyTo: { requestId: request.id, noticeNo: request.notice_no, caseRef: request.case_ref },
    refusedItems: refused.map(({ item, reason }) => ({ item, reason: reason ?? '' })),
    signatories: order.signatories,
    forms: order.forms ?? [],
    items: released.flatMap(({ file }) => (file === undefined ? [] : [file])),
    ...(order.custody === undefined ? {} : { custody: order.custody }),
  };
}

/** `CPL-54` was cited by the requester: the answer cites it back, in the version the request meant. */
function basisOf(code: string): LegalBasis {
  const cut = code.lastIndexOf('-');
  if (cut <= 0) return { instrument: code, article: '-', version: 'as-requested' };
  return { instrument: code.slice(0, cut), article: code.slice(cut + 1), version: 'as-requested' };
}

function decidedBefore(state: string): GatewayError {
  return new GatewayError('request.state', `the request is ${state}: it was decided before`, {
    facts: { state },
  });
}
