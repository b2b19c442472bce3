/** Decides what follows a failed attempt of a pull: wait for room, try again later, or give up. */
import { isGatewayError } from '../../core/errors.ts';

export type AfterFailure =
  | { readonly kind: 'give-up' }
  | {
      readonly kind: 'wait';
      readonly until: Date;
      readonly reason: string;
      /** Whether it counts as a failed attempt. */
      readonly failed: boolean;
    };

export interface PullHistory {
  readonly attempts: number;
  readonly offeredAt: Date;
  readonly now: Date;
}

const ROOM_WAIT_MS = 60_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/** As long as the message that made the offer lives. */
const LIFE_MS = 7 * 86_400_000;
/** A holder whose bytes stay wrong has another file than it offered. */
const WRONG_BYTES_TRIES = 5;

export function afterFailure(error: unknown, history: PullHistory): AfterFailure {
  const { attempts, now } = history;
  if (now.getTime() - history.offeredAt.getTime() > LIFE_MS) return { kind: 'give-up' };
  if (isGatewayError(error, 'blob.quota')) {
    return { kind: 'wait', until: later(now, ROOM_WAIT_MS), reason: 'blob.quota', failed: false };
  }
  if (isFinal(error, attempts)) return { kind: 'give-up' };
  const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 16), LONGEST_WAIT_MS);
  const reason = isGatewayError(error) ? error.code : 'internal';
  return { kind: 'wait', until: later(now, wait), reason, failed: true };
}

function isFinal(error: unknown, attempts: number): boolean {
  if (isGatewayError(error, 'bundle.digest-mismatch')) return true;
  if (isGatewayError(error, 'part.digest-mismatch')) return attempts + 1 >= WRONG_BYTES_TRIES;
  // Signed by the holder: it does not know the transfer, or not for us.
  return isGatewayError(error, 'exchange.refused-by-peer') && error.facts['code'] === 'part.not-found';
}

function later(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}
