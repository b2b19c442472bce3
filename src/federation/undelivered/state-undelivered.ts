/** Signs, logs and stores what is said of an undelivered message, in the transaction that closes it. */
import { randomBytes } from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';
import type { Queryable } from '../../storage/database.ts';
import type { ClaimedDelivery } from '../delivery/delivery-store.ts';
import { keepEvidence } from './evidence-store.ts';
import type { ClosingDeps, Undelivered } from '../messages/close-delivery.ts';
import { statementEntry, type UndeliveredFacts } from './statement.ts';

interface Ended {
  readonly delivery: ClaimedDelivery;
  readonly outcome: Undelivered;
  /** Id of the closing entry. */
  readonly closing: string;
  readonly at: Date;
}

export async function stateUndelivered(tx: Queryable, deps: ClosingDeps, ended: Ended): Promise<void> {
  if (deps.sealStatement === undefined) return;
  const { at: now, outcome } = ended;
  const view = deps.registry.current();
  const facts = await factsOf(deps, ended);
  const statement = await deps.sealStatement(facts, view, now);
  const key = randomBytes(32);
  const { actor = 'gateway' } = outcome;
  const entry = statementEntry(facts, statement, { member: deps.member, view, now, actor });
  await Promise.all([
    deps.ledger.append(tx, entry, key),
    keepEvidence(tx, ended.delivery.mid, { statement: JSON.stringify(statement.sealed), ledgerKey: key }),
  ]);
}

async function factsOf(deps: ClosingDeps, { delivery, outcome, closing }: Ended): Promise<UndeliveredFacts> {
  const offer = await deps.ledger.find(delivery.offerKey);
  if (offer === undefined)
    throw new GatewayError('ledger.unavailable', `the offer of ${delivery.mid} is not in the ledger yet`);
  const { origin, index, leaf, size, root } = offer;
  const { kind: end, lastWord, reason } = outcome;
  return {
    delivery,
    end,
    offer: { origin, index, leaf, size, root },
    closing,
    ...(lastWord === undefined ? {} : { lastWord }),
    ...(reason === undefined ? {} : { reason }),
  };
}
