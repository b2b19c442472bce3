/** What a decision about passing a file on may be, and whether an answer is one to what was asked. */
import { GatewayError } from '../../core/errors.ts';
import type { OnwardDecision } from './answer.ts';
import type { OnwardRow, OnwardState } from './approval-store.ts';

/** schemas/onward-answer.json. */
export interface OnwardAnswerBody {
  readonly requestId: string;
  /** Rises with each decision on one request. */
  readonly version: number;
  readonly decision: Exclude<OnwardState, 'open'>;
  readonly holder: string;
  readonly sha256: string;
  readonly to: string;
  readonly group: string;
  readonly purpose: string;
  readonly notAfter?: string;
  readonly reason?: string;
}

const NEXT = {
  approve: ['open', 'approved'],
  refuse: ['open', 'refused'],
  revoke: ['approved', 'revoked'],
} as const;

/** Throws onward.state, packet.invalid. */
export function nextState(
  state: OnwardState,
  { decision, notAfter, reason }: OnwardDecision,
  now: Date,
): OnwardAnswerBody['decision'] {
  const [from, to] = NEXT[decision];
  if (state !== from)
    throw new GatewayError('onward.state', `to ${decision} it must be ${from}; it is ${state}`, {
      facts: { state },
    });
  if (decision !== 'approve' && (reason ?? '') === '')
    throw new GatewayError('packet.invalid', `to ${decision} needs a reason: it stands in the answer`);
  const until = Date.parse(notAfter ?? '');
  if (decision === 'approve' && !(until > now.getTime()))
    throw new GatewayError(
      'packet.invalid',
      'to approve needs notAfter, a time that is yet to come (RFC 3339)',
    );
  return to;
}

/** Repeats what it is about: the answer stands by itself, whatever became of the question. */
export function answerBody(
  row: OnwardRow,
  {
    state,
    notAfter,
    reason,
  }: Pick<OnwardDecision, 'notAfter' | 'reason'> & { state: OnwardAnswerBody['decision'] },
): OnwardAnswerBody {
  return {
    ...{ requestId: row.id, version: row.version + 1, decision: state, holder: row.peer, sha256: row.sha256 },
    ...{ to: row.to_member, group: row.to_group, purpose: row.to_purpose },
    ...(state === 'approved' && notAfter !== undefined ? { notAfter: new Date(notAfter).toISOString() } : {}),
    ...((reason ?? '') === '' ? {} : { reason: reason as string }),
  };
}

/** Untrusted `body`. Throws onward.answer-invalid. */
export function assertAnswers(body: OnwardAnswerBody, row: OnwardRow, member: string): void {
  const asked = {
    ...{ requestId: row.id, holder: member, sha256: row.sha256 },
    ...{ to: row.to_member, group: row.to_group, purpose: row.to_purpose },
  };
  for (const [field, expected] of Object.entries(asked)) {
    const came = body[field as keyof typeof asked];
    if (came === expected) continue;
    throw new GatewayError('onward.answer-invalid', `${field} is ${came}, asked was ${expected}`, {
      facts: { field, expected, came },
    });
  }
}
