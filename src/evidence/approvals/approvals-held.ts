/** Approvals that this member holds, read from the answers as they were signed: the columns beside them prove nothing. */
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import type { OnwardApproval } from '../../federation/grants/onward.ts';
import { validAt } from '../../federation/registry/registry-view.ts';
import { openEnvelope, type EnvelopeContent } from '../../wire/envelope.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';
import type { OnwardAnswerBody } from './answer-rules.ts';
import { assertAnswers } from './answer-rules.ts';
import { answeredAbout, type OnwardRow } from './approval-store.ts';

export interface HeldApproval extends OnwardApproval {
  readonly sha256: string;
}

type HeldDeps = Pick<EvidenceDeps, 'database' | 'registry' | 'member'>;

/** Refusals are no approvals; revoked ones are told, so that the holder hears why. Throws onward.answer-invalid. */
export async function approvalsOf(
  deps: HeldDeps,
  digests: readonly string[],
): Promise<readonly HeldApproval[]> {
  const rows = await answeredAbout(deps.database, digests);
  const read = await Promise.all(rows.map((row) => readApproval(deps, row)));
  return read.flatMap((one) => one ?? []);
}

async function readApproval(deps: HeldDeps, row: OnwardRow): Promise<HeldApproval | undefined> {
  const body = await openAnswer(deps, row);
  if (body.decision === 'refused') return undefined;
  const { holder, to, group, purpose, sha256, decision } = body;
  const revoked = decision === 'revoked';
  return {
    ...{ issuer: row.peer, holder, to, group, purpose, sha256, revoked },
    notAfter: new Date(body.notAfter ?? 0),
  };
}

/** By the key that the issuer had when it signed: one that was replaced since goes on proving what it signed. */
async function openAnswer({ registry, member }: HeldDeps, row: OnwardRow): Promise<OnwardAnswerBody> {
  if (row.answer === null) throw forged(row, 'there is none');
  const content = await opened(registry, row, row.answer);
  const body = content.body as unknown as OnwardAnswerBody;
  if (content.kind !== 'onward-answer' || content.issuer !== row.peer)
    throw forged(row, 'it is not one by the issuer');
  assertAnswers(body, row, member);
  if (body.decision !== row.state || body.version !== row.version)
    throw forged(row, 'it says otherwise than its row');
  return body;
}

async function opened(
  registry: HeldDeps['registry'],
  row: OnwardRow,
  answer: NonNullable<OnwardRow['answer']>,
): Promise<EnvelopeContent> {
  try {
    const { content } = await openEnvelope(answer, (issuer, kid) => registry.current().sealKey(issuer, kid));
    const key = registry.current().sealKey(content.issuer, kidOf(answer));
    if (key === undefined || !validAt(key, seconds(new Date(content.createdAt))))
      throw forged(row, 'its key was not valid then');
    return content;
  } catch (cause) {
    if (isGatewayError(cause, 'onward.answer-invalid')) throw cause;
    throw forged(row, cause instanceof Error ? cause.message : 'it cannot be read', cause);
  }
}

function kidOf({ protected: header }: NonNullable<OnwardRow['answer']>): string {
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { readonly kid: string }).kid;
}

function forged({ id, peer }: OnwardRow, why: string, cause?: unknown): GatewayError {
  return new GatewayError('onward.answer-invalid', `the kept answer of ${peer} to ${id}: ${why}`, {
    facts: { requestId: id, from: peer },
    cause,
  });
}
