/** Decides on a request to pass a file on, and receives such decisions; what an answer may say is in answer-rules.ts. */
import { GatewayError } from '../../core/errors.ts';
import type { Acceptance, InboundMessage, InboxHandler } from '../../federation/inbox.ts';
import type { Queryable } from '../../storage/database.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import { inboundKey } from '../inbound-key.ts';
import { recordAct } from '../record-act.ts';
import { sealMessage } from '../handing-over/seal-message.ts';
import { answerBody, assertAnswers, nextState, type OnwardAnswerBody } from './answer-rules.ts';
import { findOnward, setOnwardDecided } from './approval-store.ts';
import { demandOnward, onwardRecord, type OnwardRecord } from './onward-record.ts';

export interface OnwardDecision {
  readonly requestId: string;
  readonly decision: 'approve' | 'refuse' | 'revoke';
  /** RFC 3339, in the future; mandatory with `approve`. */
  readonly notAfter?: string;
  /** Mandatory with `refuse` and `revoke`; it stands in the answer. */
  readonly reason?: string;
  readonly actor: string;
}

/** Returns once the decision is in the ledger and on its way. Throws onward.not-found, onward.state, packet.invalid. */
export async function decideOnward(deps: EvidenceDeps, act: OnwardDecision): Promise<OnwardRecord> {
  const row = await demandOnward(deps, 'in', act.requestId);
  const state = nextState(row.state, act, deps.clock());
  const body = answerBody(row, { ...act, state });
  const { group_id: group, purpose, legal_basis: legalBasis, peer } = row;
  const message = await sealMessage(deps, {
    ...({ kind: 'onward-answer', right: 'transfer', to: peer } as const),
    ...{ group, purpose, legalBasis, body: { ...body } },
  });
  const key = await deps.database.transaction(async (tx) => {
    const subject = { type: 'onward-request', id: row.id, sha256: row.sha256 };
    const done = {
      kind: `onward.${state}`,
      actor: act.actor,
      peer,
      group,
      purpose,
      basis: legalBasis,
      subject,
    };
    const entry = await recordAct(deps, tx, done);
    if (!(await setOnwardDecided(tx, row, { ...decidedBy(body), answer: message.sealed, ledgerKey: entry })))
      throw new GatewayError('onward.state', `request ${row.id} was decided meanwhile`);
    await deps.enqueue(tx, { ...message, actor: act.actor });
    return entry;
  });
  await deps.ledger.settle(key);
  deps.kickDelivery();
  return onwardRecord(deps, 'in', row.id);
}

export function onwardAnswerHandler(deps: Pick<EvidenceDeps, 'member'>): InboxHandler {
  return {
    right: 'transfer',
    personal: () => false,
    accept: (tx, message) => acceptAnswer(deps, tx, message),
  };
}

/** One that a later decision has overtaken on its way changes nothing. */
async function acceptAnswer(
  { member }: Pick<EvidenceDeps, 'member'>,
  tx: Queryable,
  message: InboundMessage,
): Promise<Acceptance> {
  // The inbox has held the body against schemas/onward-answer.json.
  const body = message.content.body as unknown as OnwardAnswerBody;
  const row = await findOnward(tx, 'out', body.requestId);
  if (row?.peer !== message.from)
    throw new GatewayError('onward.not-found', `we asked ${message.from} nothing under ${body.requestId}`);
  assertAnswers(body, row, member);
  await setOnwardDecided(tx, row, {
    ...decidedBy(body),
    answer: message.sealed,
    ledgerKey: inboundKey(message),
  });
  return {
    subject: { type: 'onward-request', id: row.id, sha256: row.sha256 },
    result: { requestId: row.id },
  };
}

function decidedBy({ decision, version, notAfter, reason }: OnwardAnswerBody) {
  return { state: decision, version, notAfter: notAfter ?? null, because: reason ?? null };
}
