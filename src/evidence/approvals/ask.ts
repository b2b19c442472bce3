/** Asks the member that gave a file whether it may go on to a third, and receives such requests. */
import { GatewayError } from '../../core/errors.ts';
import { newId, type GroupId, type MemberId } from '../../core/ids.ts';
import type { Acceptance, InboundMessage, InboxHandler } from '../../federation/inbox.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { inboundKey } from '../inbound-key.ts';
import { recordAct } from '../record-act.ts';
import { sealMessage } from '../handing-over/seal-message.ts';
import { receivedAmong } from '../store/received-store.ts';
import { gaveFile, insertOnward, type NewOnwardRow } from './approval-store.ts';
import { onwardRecord, type OnwardRecord } from './onward-record.ts';

export interface OnwardOrder {
  /** Hex, of a file, or a whole bundle, that came. */
  readonly sha256: string;
  /** The member that gave it: it decides. */
  readonly from: MemberId;
  /** Legal basis as the grant names it by which the file came. */
  readonly legalBasis: readonly string[];
  /** Who is to get it, where and for what. */
  readonly to: MemberId;
  readonly group: GroupId;
  readonly purpose: string;
  /** For the officer who decides; no personal values: it is signed for ever. */
  readonly reason: string;
  readonly actor: string;
}

/** schemas/onward-request.json. */
interface OnwardRequestBody {
  readonly requestId: string;
  readonly sha256: string;
  readonly to: MemberId;
  readonly group: GroupId;
  readonly purpose: string;
  readonly reason: string;
}

/** Returns once the request is in the ledger and on its way. Throws onward.not-found, grant.refused, packet.invalid. */
export async function askOnward(deps: EvidenceDeps, order: OnwardOrder): Promise<OnwardRecord> {
  const { sha256, from, to, group, purpose, reason, legalBasis, actor } = order;
  const came = (await receivedAmong(deps.database, [sha256])).find(({ sender }) => sender === from);
  if (came === undefined)
    throw new GatewayError('onward.not-found', `no file ${sha256} came from ${from}`, {
      facts: { sha256, from },
    });
  const id = newId();
  const message = await sealMessage(deps, {
    ...({ kind: 'onward-request', right: 'transfer', to: from } as const),
    ...{ group: came.group_id, purpose: came.purpose, legalBasis },
    body: { requestId: id, sha256, to, group, purpose, reason },
  });
  const row: NewOnwardRow = {
    ...({ id, direction: 'out', peer: from, sha256, reason, created_at: deps.clock() } as const),
    ...{ group_id: came.group_id, purpose: came.purpose, legal_basis: legalBasis },
    ...{ to_member: to, to_group: group, to_purpose: purpose },
  };
  const key = await deps.database.transaction(async (tx) => {
    const act = { kind: 'onward.requested', actor, peer: from, group: came.group_id, purpose: came.purpose };
    const subject = { type: 'onward-request', id, sha256 };
    const entry = await recordAct(deps, tx, { ...act, basis: legalBasis, subject });
    await insertOnward(tx, row, entry);
    await deps.enqueue(tx, { ...message, actor });
    return entry;
  });
  await deps.ledger.settle(key);
  deps.kickDelivery();
  return onwardRecord(deps, 'out', id);
}

/** Notes the request; an officer decides (answer.ts). */
export function onwardRequestHandler(): InboxHandler {
  return { right: 'transfer', personal: () => false, accept: acceptOnward };
}

/** Of what we never gave to whoever asks we know nothing. */
async function acceptOnward(tx: Queryable, message: InboundMessage): Promise<Acceptance> {
  // The inbox has held the body against schemas/onward-request.json.
  const body = message.content.body as unknown as OnwardRequestBody;
  const { content, from, receivedAt } = message;
  const { requestId: id, sha256, to, group, purpose, reason } = body;
  if (!(await gaveFile(tx, from, sha256)))
    throw new GatewayError('onward.not-found', `we gave no file ${sha256} to ${from}`);
  const row: NewOnwardRow = {
    ...({ id, direction: 'in', peer: from, sha256, reason, created_at: receivedAt } as const),
    ...{ group_id: content.group, purpose: content.purpose, legal_basis: content.legalBasis },
    ...{ to_member: to, to_group: group, to_purpose: purpose },
  };
  if (!(await insertOnward(tx, row, inboundKey(message))))
    throw new GatewayError('onward.state', `request ${id} is already here`);
  return { subject: { type: 'onward-request', id, sha256 }, result: { requestId: id } };
}
