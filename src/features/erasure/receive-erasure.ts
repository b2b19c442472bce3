/** A peer erases what it issued: its features go here too, other members' statements about the same value stay. */
import { sha256 } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Acceptance, InboundMessage, InboxHandler } from '../../federation/inbox.ts';
import type { Queryable } from '../../storage/database.ts';
import type { FeatureDeps } from '../deps.ts';
import { featureTypes, isPersonal } from '../feature-type.ts';
import { destroyNamed, type Destroyed, type NamedFeature } from './destroy-store.ts';
import { insertErasure, type ErasureRow } from './erasure-store.ts';
import { envelopesHeld } from './issuer-store.ts';
import { countsOf, erasedEntry } from './log-erasure.ts';
import type { ErasureReason } from './order.ts';
import { promoteSightings } from './promote-store.ts';
import { insertTombstones } from './tombstone-store.ts';
import { takeErasureTurn } from './turns-store.ts';

type ReceiveDeps = Pick<FeatureDeps, 'ledger' | 'registry' | 'member'>;

interface ErasureBody {
  readonly erasureId: string;
  readonly reason: ErasureReason;
  readonly features: readonly NamedFeature[];
}

const personalTypes = featureTypes.filter(isPersonal);

/** For kind `erasure`; who may push features may have them erased. */
export function erasureHandler(deps: ReceiveDeps): InboxHandler {
  return { right: 'push', personal: () => false, accept: (tx, message) => accept(deps, tx, message) };
}

/** Throws erasure.not-issuer, exchange.id-conflict. */
async function accept(deps: ReceiveDeps, tx: Queryable, message: InboundMessage): Promise<Acceptance> {
  // The inbox has held the body against schemas/erasure.json.
  const body = message.content.body as unknown as ErasureBody;
  await takeErasureTurn(tx);
  const held = await demandIssuer(deps, tx, { message, body });
  const { from: issuer, content } = message;
  const named = { issuer, group: content.group, named: body.features, types: personalTypes };
  const destroyed = await destroyNamed(tx, named);
  await promoteSightings(tx, deps.member, destroyed.rows);
  await record(deps, tx, { message, body, destroyed });
  const unknown = body.features.filter(({ envelope }) => !held.has(envelope)).length;
  return {
    subject: { type: 'erasure', id: body.erasureId },
    result: { erased: destroyed.rows.length, unknown },
  };
}

interface Received {
  readonly message: InboundMessage;
  readonly body: ErasureBody;
}

/**
 * Returns the envelopes that are here. One that another member sent to this group is refused: the sender can see that
 * group, so the answer tells it nothing. Any other that is not here may still come.
 */
async function demandIssuer(
  { registry }: ReceiveDeps,
  tx: Queryable,
  { message, body }: Received,
): Promise<ReadonlySet<string>> {
  const { from, content } = message;
  const members = registry.current().body.members.map(({ id }) => id);
  const envelopes = [...new Set(body.features.map(({ envelope }) => envelope))];
  const held = await envelopesHeld(tx, { group: content.group, members, envelopes });
  const own = new Set(held.flatMap(({ issuer, envelope }) => (issuer === from ? [envelope] : [])));
  const foreign = held.find(({ envelope }) => !own.has(envelope));
  if (foreign === undefined) return own;
  throw new GatewayError('erasure.not-issuer', `batch ${foreign.envelope} is another member's`, {
    facts: { envelope: foreign.envelope },
  });
}

async function record(
  deps: ReceiveDeps,
  tx: Queryable,
  { message, body, destroyed }: Received & { readonly destroyed: Destroyed },
): Promise<void> {
  const act = actOf(message, body, destroyed);
  if (!(await insertErasure(tx, act))) throw new GatewayError('exchange.id-conflict');
  const { from: issuer } = message;
  const commitments = new Map(
    destroyed.rows.map(({ envelope, feature, commitment }) => [`${envelope} ${feature}`, commitment]),
  );
  const tombstones = body.features.map(({ envelope, feature }) => {
    const commitment = commitments.get(`${envelope} ${feature}`) ?? null;
    return { issuer, envelope, feature, commitment };
  });
  await insertTombstones(tx, act, tombstones);
  const entry = erasedEntry(deps, act, { rows: destroyed.rows, between: betweenOf(message) });
  await deps.ledger.append(tx, entry, act.ledgerKey);
}

function actOf({ content, from, mid, receivedAt }: InboundMessage, body: ErasureBody, destroyed: Destroyed) {
  return {
    orderedBy: from,
    id: content.id,
    erasureId: body.erasureId,
    reason: body.reason,
    legalBasis: content.legalBasis,
    type: null,
    actor: 'gateway',
    ...countsOf(destroyed),
    madeAt: receivedAt,
    ledgerKey: sha256(`erased|${from}|${mid}`),
  } satisfies ErasureRow;
}

/** The entry points at the sender's offer, as the acceptance of the message does. */
function betweenOf({ content, from, mid, grant, offer }: InboundMessage) {
  const { group, purpose } = content;
  return {
    ...{ peer: from, group, purpose, grant, mid, pair: { peer: from, dir: 'in' as const } },
    ...(offer === null ? {} : { counter: offer }),
  };
}
