/** Tells every member that was sent an erased feature; the outbox retries until it has signed that it erased too. */
import type { JsonObject } from '../../core/canonical.ts';
import { newId, type MemberId } from '../../core/ids.ts';
import { decide } from '../../federation/grants.ts';
import type { Queryable } from '../../storage/database.ts';
import { sealEnvelope, type EnvelopeContent } from '../../wire/envelope.ts';
import type { FeatureDeps } from '../deps.ts';
import { setNotTold, type ErasureRow, type NotTold } from './erasure-store.ts';
import { lettersOf, type Letter } from './letters.ts';
import { insertNotices, noticesDue } from './notice-store.ts';

export const ERASURE_KIND = 'erasure';
export const ERASURE_SCHEMA = 'urn:lianzheng:schema:erasure:1.0.0';

/** A member that is away this long has to be told by other means. */
const LIFETIME_MS = 90 * 86_400_000;

/**
 * In the transaction of the act. Nothing that keeps a member from being told keeps the value here: who can't be told
 * is listed with the reason, and the same act, asked for again, tries again.
 */
export async function tellMembers(deps: FeatureDeps, tx: Queryable, act: ErasureRow): Promise<void> {
  const notTold: NotTold[] = [];
  for (const letter of lettersOf(await noticesDue(tx, deps.member, act.id))) {
    const unreached = unreachedOf(deps, act, letter);
    notTold.push(...unreached);
    const missed = new Set(unreached.map(({ member }) => member));
    const recipients = letter.recipients.filter((recipient) => !missed.has(recipient));
    if (recipients.length > 0) await send(deps, tx, { act, letter, recipients });
  }
  await setNotTold(tx, act, notTold);
}

function unreachedOf(deps: FeatureDeps, act: ErasureRow, letter: Letter): readonly NotTold[] {
  const { group, recipients } = letter;
  const code = refusalOf(deps, act, letter);
  if (code !== undefined) return recipients.map((member) => ({ member, group, code }));
  const view = deps.registry.current();
  return recipients.flatMap((member) => {
    if (!view.active(member)) return [{ member, group, code: 'tls.member-suspended' }];
    return view.inGroup(group, member) ? [] : [{ member, group, code: 'grant.refused' }];
  });
}

/** The peers decide again; what they would refuse for sure is not sent. */
function refusalOf(deps: FeatureDeps, act: ErasureRow, { group, purpose }: Letter): string | undefined {
  const view = deps.registry.current();
  if (view.schema(ERASURE_SCHEMA) !== deps.schemas.digest(ERASURE_SCHEMA)) return 'schema.unknown';
  const request = { member: deps.member, right: 'push', kind: ERASURE_KIND, personal: false } as const;
  const decision = decide({ ...request, group, purpose, legalBasis: act.legalBasis }, view, deps.clock());
  return decision.permit ? undefined : decision.code;
}

interface Sending {
  readonly act: ErasureRow;
  readonly letter: Letter;
  readonly recipients: readonly MemberId[];
}

async function send(deps: FeatureDeps, tx: Queryable, { act, letter, recipients }: Sending): Promise<void> {
  const content = contentOf(deps, act, letter);
  const sealed = await sealEnvelope(content, deps.sealKey);
  const expiresAt = new Date(deps.clock().getTime() + LIFETIME_MS);
  // An erasure never overtakes the batch whose values it destroys.
  const after = [...new Set(letter.features.map(({ envelope }) => envelope))];
  const message = { sealed, content, recipients: [...recipients], personal: false, expiresAt, after };
  await deps.enqueue(tx, { ...message, actor: act.actor });
  const { group, purpose } = letter;
  await insertNotices(tx, { erasure: act.id, envelope: content.id, group, purpose, recipients });
}

function contentOf(deps: FeatureDeps, act: ErasureRow, letter: Letter): EnvelopeContent {
  const { serial, sha256 } = deps.registry.current();
  const features = letter.features.map(({ envelope, feature }) => ({ envelope, feature }));
  const body: JsonObject = { erasureId: act.erasureId, reason: act.reason, features };
  return {
    id: newId(),
    kind: ERASURE_KIND,
    version: 1,
    issuer: deps.member,
    group: letter.group,
    createdAt: deps.clock().toISOString(),
    purpose: letter.purpose,
    legalBasis: act.legalBasis,
    schema: { id: ERASURE_SCHEMA, sha256: deps.schemas.digest(ERASURE_SCHEMA) },
    registry: { serial, sha256 },
    body,
  };
}
