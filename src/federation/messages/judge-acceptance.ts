/** Holds a peer's acceptance against our offer and against the keys that its log was registered with at that time. */
import { GatewayError } from '../../core/errors.ts';
import type { EntryRef } from '../../ledger/entry.ts';
import type { ClaimedDelivery } from '../delivery/delivery-store.ts';
import { heldLedgerKeys } from '../ledger-keys.ts';
import type { PeerAnswer } from '../peers/peer-client.ts';
import { readAcceptance, type ExpectedAcceptance, type ReadAcceptance } from './acceptance-answer.ts';
import type { DeliveryDeps } from './deliver-message.ts';

export interface Answered {
  readonly answer: PeerAnswer;
  readonly offer: EntryRef;
}

/** A peer that signs with a new ledger key may be a registry ahead of us: ours is looked for before the answer is refused. */
export async function acceptanceOf(
  deps: DeliveryDeps,
  delivery: ClaimedDelivery,
  answered: Answered,
): Promise<ReadAcceptance> {
  const { serial } = deps.registry.current();
  const read = (): ReadAcceptance =>
    readAcceptance(answered.answer.body, expectedOf(deps, delivery, answered));
  try {
    return read();
  } catch (error) {
    await deps.registry.refresh();
    if (deps.registry.current().serial === serial) throw error;
    return read();
  }
}

function expectedOf(
  deps: DeliveryDeps,
  { mid, recipient }: ClaimedDelivery,
  { answer, offer }: Answered,
): ExpectedAcceptance {
  const ledger = deps.registry.current().member(recipient)?.ledger;
  if (ledger === undefined)
    throw new GatewayError('exchange.target-refused', `${recipient} is not registered`);
  const { origin } = ledger;
  const keys = heldLedgerKeys(deps.registry, origin);
  return {
    mid,
    member: recipient,
    peer: deps.member,
    ledger: { origin, keys },
    receipt: answer.receipt,
    offer,
  };
}
