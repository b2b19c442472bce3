/** Events of delivery: an attempt ended, a delivery expired. */
import type { DeliveryAttempt, DeliveryDeps } from '../../federation/messages/deliver-message.ts';
import { milliseconds, type Teller } from './teller.ts';

const STATES = { accepted: 'acked', refused: 'refused' } as const;

export function deliveryEvents(teller: Teller): Required<Pick<DeliveryDeps, 'onAttempt' | 'onExpired'>> {
  const { logger, counters } = teller;
  return {
    onAttempt: (attempt) => attempted(teller, attempt),
    onExpired: ({ mid, kind, recipient: peer }) => {
      logger.error({ correlationId: mid, peer, kind }, 'delivery expired');
      counters.closed.inc({ peer, kind, state: 'expired' });
    },
  };
}

function attempted({ logger, counters }: Teller, attempt: DeliveryAttempt): void {
  const { mid: correlationId, peer, kind, outcome, code, seconds } = attempt;
  const line = { correlationId, peer, kind, attempt: attempt.attempt, milliseconds: milliseconds(seconds) };
  if (outcome === 'accepted') logger.info(line, 'delivered');
  else if (outcome === 'refused') logger.error({ ...line, code }, 'delivery refused');
  else logger.warn({ ...line, code }, 'delivery postponed');
  counters.attempts.inc({ peer, kind, outcome });
  if (outcome !== 'retry') counters.closed.inc({ peer, kind, state: STATES[outcome] });
}
