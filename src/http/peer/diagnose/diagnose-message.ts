/** What a captured request asks for: the form of its endpoint; of a message the envelope, its content, the grant. */
import type { JsonValue } from '../../../core/canonical.ts';
import { isGatewayError, type GatewayError } from '../../../core/errors.ts';
import {
  contentRules,
  handlerOf,
  MESSAGE_SCHEMA,
  openFrom,
  permitted,
  type Judged,
} from '../../../federation/messages/open-message.ts';
import type { InboundMessage } from '../../../federation/inbox.ts';
import { envelopeMisfit } from '../../../wire/envelope-form.ts';
import type { EnvelopeContent, MessageBody, SealedEnvelope } from '../../../wire/envelope.ts';
import type { RequestClaims } from '../../../wire/exchange-token.ts';
import { isObject } from '../../../wire/json/json-form.ts';
import { checkShape } from '../checks/json-body.ts';
import { PARTS_SCHEMA } from '../endpoints/parts.ts';
import { STATUS_SCHEMA } from '../endpoints/status.ts';
import type { Noted } from './diagnose.ts';
import type { TokenContext } from './diagnose-token.ts';
import { exhaust, findingOf } from './finding.ts';
import { looseObject } from './loose-token.ts';

export interface MessageContext extends TokenContext {
  readonly claims: RequestClaims | undefined;
}

const SCHEMAS: readonly (readonly [RegExp, string])[] = [
  [/^\/x\/v1\/status(\?|$)/, STATUS_SCHEMA],
  [/^\/x\/v1\/parts(\?|$)/, PARTS_SCHEMA],
];

export async function diagnoseMessage(
  value: JsonValue,
  context: MessageContext,
  noted: Noted,
): Promise<void> {
  const { capture, claims, deps } = context;
  const schema = SCHEMAS.find(([path]) => path.test(capture.path))?.[1];
  if (schema !== undefined) {
    const shape = { id: schema, claim: claims?.sch ?? '-' };
    return note(noted, 'schema', () => checkShape(value, shape, deps.schemas));
  }
  note(noted, 'message', () => deps.schemas.validate(MESSAGE_SCHEMA, value));
  if (!isObject(value)) return;
  const { disclosures = [], erased = [], ...sealed } = value as unknown as MessageBody;
  const content = isSealed(sealed) ? await contentOf(sealed, context, noted) : undefined;
  if (content === undefined) noted.unchecked.push('content of the envelope: it cannot be read');
  else judgeContent({ content, sealed, disclosures, erased }, context, noted);
}

/** The message schema may just have been broken. */
function isSealed(sealed: SealedEnvelope): boolean {
  return [sealed.protected, sealed.payload, sealed.signature].every((part) => typeof part === 'string');
}

/** Judged even when its signature does not hold, as long as it is there to be read. */
async function contentOf(
  sealed: SealedEnvelope,
  { caller, deps: { view } }: MessageContext,
  { findings }: Noted,
): Promise<EnvelopeContent | undefined> {
  const loose = looseObject(Buffer.from(sealed.payload, 'base64url'));
  const issuer = typeof loose['issuer'] === 'string' ? loose['issuer'] : '';
  // Whom nobody knows may have sealed it: only its signature is judged then.
  const opened = await exhaust(findings, caller.member === '' ? issuer : caller.member, {
    check: 'envelope',
    ask: (from) => openFrom(view, from, sealed),
    mend: ({ code }) =>
      code === 'envelope.issuer-mismatch'
        ? { input: issuer, expected: caller.member, came: issuer }
        : { input: undefined },
  });
  if (opened !== undefined) return opened.result;
  return envelopeMisfit(loose) === undefined ? (loose as unknown as EnvelopeContent) : undefined;
}

type Opened = Pick<InboundMessage, 'content' | 'sealed' | 'disclosures' | 'erased'>;

function judgeContent(opened: Opened, { caller, claims, deps }: MessageContext, noted: Noted): void {
  const { view, now } = deps;
  const { content, disclosures } = opened;
  // Without claims there is nothing that the content could differ from.
  const { schema, group: grp, purpose: pur } = content;
  const fitting = { grp, pur, sch: `${schema.id}#${schema.sha256}`, ofr: null } as unknown as RequestClaims;
  const received: Judged['received'] = { from: caller.member, claims: claims ?? fitting };
  const before = noted.findings.length;
  for (const rule of contentRules) note(noted, 'content', () => rule({ deps, view, received, content }));
  if (noted.findings.slice(before).some(({ code }) => code.startsWith('schema.'))) {
    noted.unchecked.push('grant: what the content asks for cannot be read while its schema is broken');
    return;
  }
  const from = caller.member === '' ? content.issuer : caller.member;
  const message = { ...opened, from, offer: null, mid: content.id, grant: '', receivedAt: now };
  note(noted, 'grant', () => {
    const handler = handlerOf(deps, content.kind);
    const personal = disclosures.length > 0 || handler.personal(content);
    permitted(deps, view, { content, handler, personal, now });
    handler.judge?.(message);
  });
}

function note({ findings }: Noted, check: string, ask: () => unknown): void {
  try {
    ask();
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    findings.push(findingOf(check, error, wordsOf(error)));
  }
}

function wordsOf({ facts }: GatewayError): { readonly came?: string } {
  return Object.keys(facts).length === 0 ? {} : { came: JSON.stringify(facts) };
}
