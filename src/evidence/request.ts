/** Requests evidence from a holder, under the number of a 调取证据通知书, and receives such requests. */
import type { JsonObject } from '../core/canonical.ts';
import { canonicalJson } from '../core/canonical.ts';
import { GatewayError } from '../core/errors.ts';
import { newId, UUID, type GroupId, type MemberId } from '../core/ids.ts';
import type { Acceptance, InboundMessage, InboxHandler } from '../federation/inbox.ts';
import type { Queryable } from '../storage/database.ts';
import type { EvidenceDeps } from './evidence-deps.ts';
import { inboundKey } from './inbound-key.ts';
import type { ItemDecision } from './release.ts';
import { recordAct } from './record-act.ts';
import { sealMessage } from './handing-over/seal-message.ts';
import {
  findRequest,
  insertRequest,
  listRequests,
  type NewRequest,
  type RequestedItem,
  type RequestRow,
} from './store/request-store.ts';

export interface EvidenceRequestOrder {
  readonly to: MemberId;
  readonly group: GroupId;
  /** Default CRIMINAL_INVESTIGATION. */
  readonly purpose?: string;
  /** Codes as grants name them, `CPL-54`. */
  readonly legalBasis: readonly string[];
  /** 调取证据通知书 number (法发〔2016〕22号 art. 13). */
  readonly noticeNo: string;
  readonly caseRef: string;
  /** No personal values: a request is signed for ever. Name people by a pseudonym that the holder knows. */
  readonly items: readonly RequestedItem[];
  readonly actor: string;
}

export interface RequestRecord {
  readonly requestId: string;
  readonly direction: 'in' | 'out';
  readonly peer: MemberId;
  readonly group: GroupId;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  readonly noticeNo: string;
  readonly caseRef: string;
  readonly items: readonly RequestedItem[];
  readonly state: 'open' | 'deciding' | 'answered';
  readonly decisions?: readonly Omit<ItemDecision, 'file'>[];
  readonly responsePacket?: string;
  readonly createdAt: string;
}

interface EvidenceRequestBody {
  readonly requestId: string;
  readonly noticeNo: string;
  readonly caseRef: string;
  readonly items: readonly RequestedItem[];
}

const MAX_LIST = 500;

/** Returns once the request is in the ledger and on its way. Throws schema.invalid, grant.refused, packet.invalid. */
export async function createEvidenceRequest(
  deps: EvidenceDeps,
  order: EvidenceRequestOrder,
): Promise<RequestRecord> {
  const id = newId();
  const { to, group, legalBasis, noticeNo, caseRef, items, actor } = order;
  const purpose = order.purpose ?? 'CRIMINAL_INVESTIGATION';
  const body = JSON.parse(canonicalJson({ requestId: id, noticeNo, caseRef, items })) as JsonObject;
  const message = await sealMessage(deps, {
    kind: 'evidence-request',
    right: 'request',
    to,
    group,
    purpose,
    legalBasis,
    body,
  });
  const row: NewRequest = {
    id,
    direction: 'out',
    peer: to,
    group_id: group,
    purpose,
    legal_basis: legalBasis,
    notice_no: noticeNo,
    case_ref: caseRef,
    items,
    created_at: deps.clock(),
  };
  const key = await deps.database.transaction(async (tx) => {
    const act = { kind: 'evidence.requested', actor, peer: to, group, purpose, basis: legalBasis };
    const entry = await recordAct(deps, tx, { ...act, subject: { type: 'evidence-request', id } });
    await insertRequest(tx, row, entry);
    await deps.enqueue(tx, { ...message, actor });
    return entry;
  });
  await deps.ledger.settle(key);
  deps.kickDelivery();
  return requestRecord(deps, id);
}

/** Throws request.not-found. */
export async function requestRecord(deps: EvidenceDeps, id: string): Promise<RequestRecord> {
  const row = UUID.test(id)
    ? ((await findRequest(deps.database, 'in', id)) ?? (await findRequest(deps.database, 'out', id)))
    : undefined;
  if (row === undefined) throw new GatewayError('request.not-found', `no evidence request ${id}`);
  return recordOfRow(row);
}

/** Newest first. */
export async function listEvidenceRequests(
  deps: EvidenceDeps,
  filter: { readonly direction?: 'in' | 'out'; readonly limit?: number } = {},
): Promise<readonly RequestRecord[]> {
  const rows = await listRequests(deps.database, Math.min(filter.limit ?? 100, MAX_LIST));
  const wanted = rows.filter(
    ({ direction }) => filter.direction === undefined || direction === filter.direction,
  );
  return wanted.map(recordOfRow);
}

/** The holder notes the request; its officer decides item by item (release.ts). */
export function evidenceRequestHandler(): InboxHandler {
  return { right: 'request', personal: () => false, accept: acceptRequest };
}

async function acceptRequest(tx: Queryable, message: InboundMessage): Promise<Acceptance> {
  // The inbox has held the body against schemas/evidence-request.json.
  const body = message.content.body as unknown as EvidenceRequestBody;
  const { content, from, receivedAt } = message;
  const items = body.items.map(({ item }) => item);
  if (new Set(items).size !== items.length)
    throw new GatewayError('packet.invalid', 'an item is asked for twice');
  const row: NewRequest = {
    id: body.requestId,
    direction: 'in',
    peer: from,
    group_id: content.group,
    purpose: content.purpose,
    legal_basis: content.legalBasis,
    notice_no: body.noticeNo,
    case_ref: body.caseRef,
    items: body.items,
    created_at: receivedAt,
  };
  if (!(await insertRequest(tx, row, inboundKey(message)))) {
    throw new GatewayError('request.state', `request ${body.requestId} is already here`);
  }
  return { subject: { type: 'evidence-request', id: body.requestId }, result: { requestId: body.requestId } };
}

function recordOfRow(row: RequestRow): RequestRecord {
  return {
    requestId: row.id,
    direction: row.direction,
    peer: row.peer,
    group: row.group_id,
    purpose: row.purpose,
    legalBasis: row.legal_basis,
    noticeNo: row.notice_no,
    caseRef: row.case_ref,
    items: row.items,
    state: row.state,
    ...(row.decisions === null
      ? {}
      : { decisions: row.decisions as unknown as readonly Omit<ItemDecision, 'file'>[] }),
    ...(row.response_packet === null ? {} : { responsePacket: row.response_packet }),
    createdAt: row.created_at.toISOString(),
  };
}
