/** Seals a body of the evidence room into an envelope, and asks the grant before anything leaves. */
import type { JsonObject } from '../../core/canonical.ts';
import { GatewayError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { decide, refusalError, type Permit, type Right } from '../../federation/grants.ts';
import type { OutgoingMessage } from '../../federation/delivery/outbox.ts';
import { sealEnvelope, type EnvelopeContent } from '../../wire/envelope.ts';
import type { EvidenceDeps } from '../evidence-deps.ts';

export interface MessageDraft {
  readonly kind: 'packet-offer' | 'packet-receipt' | 'evidence-request' | 'onward-request' | 'onward-answer';
  readonly right: Right;
  readonly to: string;
  readonly group: string;
  readonly purpose: string;
  readonly legalBasis: readonly string[];
  /** Highest grade of what will be transferred. */
  readonly grade?: number;
  readonly body: JsonObject;
}

const VERSION = '1.0.0';

export function messageSchema(kind: MessageDraft['kind']): string {
  return `urn:lianzheng:schema:${kind}:${VERSION}`;
}

/** The peer decides again; asking here tells our own people at once. Throws grant.refused, packet.invalid. */
export async function sealMessage(deps: EvidenceDeps, draft: MessageDraft): Promise<OutgoingMessage> {
  const registry = deps.registry.current();
  const { quotas } = granted(deps, draft);
  const { kind, group, purpose, legalBasis, body } = draft;
  const schema = messageSchema(kind);
  deps.schemas.validate(schema, body);
  const content: EnvelopeContent = {
    id: newId(),
    kind,
    version: 1,
    issuer: deps.member,
    group,
    createdAt: deps.clock().toISOString(),
    purpose,
    legalBasis,
    schema: { id: schema, sha256: deps.schemas.digest(schema) },
    registry: { serial: registry.serial, sha256: registry.sha256 },
    body,
  };
  const sealed = await sealEnvelope(content, deps.sealKey);
  return {
    sealed,
    content,
    recipients: [draft.to],
    personal: false,
    ...(quotas === undefined ? {} : { quotas }),
  };
}

function granted(deps: EvidenceDeps, draft: MessageDraft): Permit {
  const registry = deps.registry.current();
  if (!registry.active(draft.to) || !registry.inGroup(draft.group, draft.to)) {
    throw new GatewayError('packet.invalid', `${draft.to} is no active member of ${draft.group}`, {
      facts: { to: draft.to, group: draft.group },
    });
  }
  const { right, group, kind, purpose, legalBasis, grade } = draft;
  const request = { member: deps.member, right, group, kind, purpose, legalBasis, personal: false };
  const decision = decide(grade === undefined ? request : { ...request, grade }, registry, deps.clock());
  if (decision.permit) return decision;
  throw refusalError(decision, `${kind} to ${draft.to} in ${group}`);
}
