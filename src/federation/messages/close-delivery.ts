/** Ends a delivery: its state and its ledger entry in one transaction, whatever the end is. */
import { sha256, sha256Hex } from '../../core/digest.ts';
import { newId } from '../../core/ids.ts';
import type { EntryDraft } from '../../ledger/entry.ts';
import type { Queryable } from '../../storage/database.ts';
import type { AttemptOutcome, DeliveryDeps } from './deliver-message.ts';
import { claimExpired, closeDelivery, type ClaimedDelivery, type Closing } from '../delivery-store.ts';
import type { PeerAnswer } from '../peer-client.ts';

export type FinalOutcome = Exclude<AttemptOutcome, { kind: 'retry' }> | { readonly kind: 'expired' };

const EXPIRED_AT_ONCE = 100;

/** The key of the closing entry when this call closed it; undefined when another worker had. */
export function closeWith(
  deps: DeliveryDeps,
  delivery: ClaimedDelivery,
  outcome: FinalOutcome,
): Promise<Buffer | undefined> {
  return deps.database.transaction((tx) => close(tx, deps, { delivery, outcome }));
}

/** Closes what has outlived its time; returns the keys of the closing entries. */
export function expireDeliveries(deps: DeliveryDeps): Promise<readonly Buffer[]> {
  return deps.database.transaction(async (tx) => {
    const keys: Buffer[] = [];
    for (const delivery of await claimExpired(tx, deps.clock(), EXPIRED_AT_ONCE)) {
      const key = await close(tx, deps, { delivery, outcome: { kind: 'expired' } });
      if (key === undefined) continue;
      keys.push(key);
      deps.onExpired?.(delivery);
    }
    return keys;
  });
}

interface End {
  readonly delivery: ClaimedDelivery;
  readonly outcome: FinalOutcome;
}

async function close(tx: Queryable, deps: DeliveryDeps, end: End): Promise<Buffer | undefined> {
  const { delivery } = end;
  const at = deps.clock();
  const ledgerKey = sha256(`out|${delivery.mid}`);
  if (!(await closeDelivery(tx, delivery.mid, { ...closingOf(end), at, ledgerKey }))) return undefined;
  await deps.ledger.append(tx, closingEntry(deps, end, at), ledgerKey);
  return ledgerKey;
}

function closingOf({ outcome }: End): Omit<Closing, 'at' | 'ledgerKey'> {
  if (outcome.kind === 'expired') return { state: 'expired' };
  const answer = storedAnswer(outcome.answer);
  if (outcome.kind === 'refused') return { state: 'refused', code: outcome.code, answer };
  return { state: 'acked', answer, receipt: JSON.stringify(outcome.counter) };
}

function storedAnswer({ status, token, body }: PeerAnswer): NonNullable<Closing['answer']> {
  return { status, token, body: body.toString('utf8') };
}

const kinds = {
  accepted: 'message.acknowledged',
  refused: 'message.refused-by-peer',
  expired: 'message.expired',
} as const;

function closingEntry(deps: DeliveryDeps, { delivery, outcome }: End, at: Date): EntryDraft {
  const { serial, sha256: digest } = deps.registry.current();
  return {
    id: newId(),
    at: at.toISOString(),
    kind: kinds[outcome.kind],
    member: deps.member,
    peer: delivery.recipient,
    group: delivery.group,
    purpose: delivery.purpose,
    basis: delivery.legalBasis,
    registry: { serial, sha256: digest },
    subject: { type: delivery.kind, id: delivery.envelopeId, sha256: delivery.payloadSha256 },
    pair: { peer: delivery.recipient, dir: 'out' },
    mid: delivery.mid,
    actor: 'gateway',
    ...endOf(outcome, delivery.personal),
  };
}

/** The answer's token names the request body's digest: left out where that body was personal. */
function endOf(outcome: FinalOutcome, personal: boolean): Partial<EntryDraft> {
  if (outcome.kind === 'expired') return {};
  const token = personal ? {} : { token: sha256Hex(outcome.answer.token) };
  if (outcome.kind === 'accepted') return { ...token, counter: outcome.counter };
  // A signed refusal names the peer's own entry of it, unless a flood was only summarised.
  const { receipt } = outcome.answer;
  return { ...token, code: outcome.code, ...(receipt === null ? {} : { counter: receipt }) };
}
