/** Gives a delivery up: an act of a person, for a reason, logged; the peer is asked first where the outcome is unknown. */
import { GatewayError, isGatewayError } from '../../core/errors.ts';
import type { ClaimedDelivery } from '../delivery/delivery-store.ts';
import { askStatus, type StatusAsking } from '../messages/ask-status.ts';
import { closeWith } from '../messages/close-delivery.ts';
import type { LastWord, SealStatement } from '../undelivered/statement.ts';
import { freeDelivery, settleDeadLetter, takeDelivery } from './queue-store.ts';
import { actEntry, demandDelivery, type QueueAct, type QueueDeps } from './retry.ts';

/** Codes, because free text would name people. */
export const GIVE_UP_REASONS = ['peer-gone', 'told-otherwise', 'superseded', 'not-needed', 'other'] as const;

export interface GivingUp extends QueueAct {
  readonly reason: string;
}

export interface GiveUpDeps extends QueueDeps {
  readonly client: StatusAsking['client'];
  readonly sealStatement: SealStatement;
}

const LEASE_MS = 60_000;
const ASKING_MS = 10_000;

/**
 * An open delivery ends with our signed statement; of a dead letter it is logged who answered for it. Throws
 * delivery.not-found, delivery.state: a worker is at it, it was delivered, or the peer says that it has it.
 */
export async function giveUpDelivery(deps: GiveUpDeps, act: GivingUp): Promise<void> {
  const now = deps.clock();
  const until = new Date(now.getTime() + LEASE_MS);
  const taken = await takeDelivery(deps.database, act.mid, { now, until });
  const key = taken === undefined ? await settle(deps, act) : await end(deps, act, taken);
  await deps.ledger.settle(key);
  deps.kickDelivery();
}

async function end(deps: GiveUpDeps, act: GivingUp, delivery: ClaimedDelivery): Promise<Buffer> {
  const lastWord = delivery.outcomeUnknown ? await wordOf(deps, delivery) : undefined;
  if (lastWord !== undefined && 'answer' in lastWord && lastWord.accepted !== undefined) {
    await freeDelivery(deps.database, delivery.mid, deps.clock());
    deps.kickDelivery();
    throw new GatewayError(
      'delivery.state',
      `${delivery.recipient} says that it has accepted it; its proof is being fetched`,
    );
  }
  const { actor, reason } = act;
  const key = await closeWith(deps, delivery, {
    ...{ kind: 'given-up', actor, reason },
    ...(lastWord === undefined ? {} : { lastWord }),
  });
  if (key === undefined) throw new GatewayError('delivery.state', 'it was closed meanwhile');
  return key;
}

async function wordOf(deps: GiveUpDeps, { mid, recipient: peer }: ClaimedDelivery): Promise<LastWord> {
  const at = deps.clock();
  try {
    const signal = AbortSignal.timeout(ASKING_MS);
    const { answer, accepted } = await askStatus(deps, { peer, mids: [mid], signal });
    const receipt = accepted.get(mid);
    return { at, answer, ...(receipt === undefined ? {} : { accepted: receipt }) };
  } catch (error) {
    return { at, code: isGatewayError(error) ? error.code : 'internal' };
  }
}

/** It is closed already, or a worker is at it. */
function settle(deps: GiveUpDeps, act: GivingUp): Promise<Buffer> {
  return deps.database.transaction(async (tx) => {
    const found = await demandDelivery(tx, act.mid);
    if (found.state === 'pending' || found.state === 'sent')
      throw new GatewayError('delivery.state', 'it is being sent at this moment; ask again in a minute');
    if (found.state === 'acked' || found.state === 'given-up' || found.settledAt !== null)
      throw new GatewayError(
        'delivery.state',
        `it is ${found.state}${found.settledAt === null ? '' : ' and answered for'}`,
      );
    await settleDeadLetter(tx, act.mid, deps.clock());
    const { actor, reason } = act;
    return deps.ledger.append(
      tx,
      actEntry(deps, found, { kind: 'dead-letter.given-up', actor, code: reason }),
    );
  });
}
