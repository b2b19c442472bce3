/** Everything about a message that is asked before anything is written: form, signature, schema, kind, grant. */
import { seconds } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import {
  openEnvelope,
  type EnvelopeContent,
  type MessageBody,
  type SealedEnvelope,
} from '../../wire/envelope.ts';
import type { RequestClaims } from '../../wire/exchange-token.ts';
import { decide, refusalError, type Permit } from '../grants.ts';
import type { InboundMessage, InboxDeps, InboxHandler, ReceivedMessage } from '../inbox.ts';
import type { RegisteredKey, RegistryView } from '../registry/registry-view.ts';
import { validAt } from '../registry/registry-view.ts';

export const MESSAGE_SCHEMA = 'urn:lianzheng:schema:message:1.0.0';

export interface OpenedMessage {
  readonly message: InboundMessage;
  readonly handler: InboxHandler;
  readonly view: RegistryView;
  readonly personal: boolean;
  /** Under which grants the message is counted; missing where one permits it without a quota. */
  readonly quotas?: NonNullable<Permit['quotas']>;
}

/** Throws the code of the first rule that `received` (untrusted) breaks. */
export async function openMessage(deps: InboxDeps, received: ReceivedMessage): Promise<OpenedMessage> {
  const view = deps.registry.current();
  const receivedAt = deps.clock();
  deps.schemas.validate(MESSAGE_SCHEMA, received.body);
  const given = received.body as unknown as MessageBody;
  const { disclosures = [], erased = [] } = given;
  // Exactly the JWS: what is stored and passed on.
  const sealed = { protected: given.protected, payload: given.payload, signature: given.signature };

  const content = await openFrom(view, received.from, sealed);
  for (const rule of contentRules) rule({ deps, view, received, content });

  const handler = handlerOf(deps, content.kind);
  const personal = handler.personal(content) || disclosures.length > 0;
  const { grant, quotas } = permitted(deps, view, { content, handler, personal, now: receivedAt });
  const { from, claims } = received;
  const { mid, ofr: offer } = claims;
  const message = { content, sealed, disclosures, erased, offer, from, mid, grant, receivedAt };
  return quotas === undefined
    ? { message, handler, view, personal }
    : { message, handler, view, personal, quotas };
}

/** What the rules of a message's content look at. */
export interface Judged {
  readonly deps: Pick<InboxDeps, 'member' | 'registry' | 'schemas' | 'handlers'>;
  readonly view: RegistryView;
  readonly received: Pick<ReceivedMessage, 'from' | 'claims'>;
  readonly content: EnvelopeContent;
}

/** One after the other; each throws the code of what it holds against the message, whatever the others say. */
export const contentRules: readonly ((judged: Judged) => void)[] = [
  ({ content, received }) => demandSame('group', 'grp', content.group, received.claims),
  ({ content, received }) => demandSame('purpose', 'pur', content.purpose, received.claims),
  ({ content: { schema }, received }) =>
    demandSame('schema', 'sch', `${schema.id}#${schema.sha256}`, received.claims),
  ({ view, received }) => checkOffer(view, received),
  ({ deps, content }) => checkRegistry(deps, content),
  ({ content }) => checkSchemaName(content),
  ({ deps, view, content }) => checkSchema(deps, view, content),
];

export async function openFrom(
  view: RegistryView,
  from: string,
  sealed: SealedEnvelope,
): Promise<EnvelopeContent> {
  let used: RegisteredKey | undefined;
  const { content } = await openEnvelope(sealed, (issuer, kid) => {
    if (issuer !== from) throw new GatewayError('envelope.issuer-mismatch');
    used = view.sealKey(issuer, kid);
    return used;
  });
  // The envelope may have waited in an outbox: its key must have been valid when it was sealed.
  if (used === undefined || !validAt(used, seconds(new Date(content.createdAt)))) {
    throw new GatewayError(
      'envelope.signature-invalid',
      'the envelope was sealed outside the validity of its key',
    );
  }
  return content;
}

function demandSame(
  member: string,
  claim: 'grp' | 'pur' | 'sch',
  value: string,
  claims: RequestClaims,
): void {
  if (claims[claim] === value) return;
  throw new GatewayError('envelope.invalid', `${member} of the envelope differs from claim ${claim}`, {
    facts: { member, claim },
  });
}

/** The profile admits null: the acceptance then stands alone, and whoever lays the two ledgers side by side sees it. */
function checkOffer(view: RegistryView, { from, claims }: Judged['received']): void {
  if (claims.ofr === null || claims.ofr.origin === view.member(from)?.ledger.origin) return;
  throw new GatewayError('token.claims-refused', "ofr must name an entry of the sender's registered ledger", {
    facts: { claim: 'ofr' },
  });
}

/** A registry we never held is older than our first; one we hold must be the same. */
function checkRegistry(deps: Judged['deps'], { registry }: EnvelopeContent): void {
  const known = deps.registry.at(registry.serial);
  if (known === undefined && registry.serial > deps.registry.current().serial) {
    throw new GatewayError('token.registry-unknown', `registry ${registry.serial} is not known here`);
  }
  if (known !== undefined && known.sha256 !== registry.sha256) {
    throw new GatewayError('envelope.invalid', `registry ${registry.serial} has another digest here`);
  }
}

/** The schema's name is the kind, or a message could be checked against the schema of another. */
function checkSchemaName({ kind, schema }: EnvelopeContent): void {
  if (schema.id.startsWith(`urn:lianzheng:schema:${kind}:`)) return;
  throw new GatewayError('envelope.invalid', `schema ${schema.id} is not for kind ${kind}`);
}

function checkSchema(deps: Judged['deps'], view: RegistryView, { schema, body }: EnvelopeContent): void {
  if (view.schema(schema.id) !== schema.sha256 || deps.schemas.digest(schema.id) !== schema.sha256) {
    throw new GatewayError('schema.unknown', undefined, {
      facts: { schema: schema.id, sha256: schema.sha256 },
    });
  }
  deps.schemas.validate(schema.id, body);
}

/** Own members only: `constructor` is no kind. */
export function handlerOf(deps: Judged['deps'], kind: string): InboxHandler {
  const handler = Object.hasOwn(deps.handlers, kind) ? deps.handlers[kind] : undefined;
  if (handler === undefined) throw new GatewayError('exchange.kind-unknown', undefined, { facts: { kind } });
  return handler;
}

interface Asked {
  readonly content: EnvelopeContent;
  readonly handler: InboxHandler;
  readonly personal: boolean;
  readonly now: Date;
}

export function permitted(
  deps: Judged['deps'],
  view: RegistryView,
  { content, handler, personal, now }: Asked,
): Permit {
  const { group, kind, purpose, legalBasis, issuer } = content;
  // Nor does a group that we are not in exist for whoever asks us.
  if (!view.inGroup(group, deps.member)) {
    throw refusalError({ permit: false, code: 'grant.refused', unmet: 'group-member' });
  }
  const { right } = handler;
  const grade = handler.grade?.(content) ?? 0;
  const request = { member: issuer, right, group, kind, purpose, legalBasis, personal, grade };
  const decision = decide(request, view, now);
  if (decision.permit) return decision;
  throw refusalError(decision);
}
