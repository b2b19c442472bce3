/** What an attempt's answer or failure means for the delivery. */
import { isGatewayError } from '../../core/errors.ts';
import type { PeerAnswer } from '../peers/peer-client.ts';
import { outcomeUnknown } from '../peers/peer-failure.ts';

export type Outcome =
  | { readonly kind: 'accepted'; readonly answer: PeerAnswer }
  | { readonly kind: 'refused'; readonly answer: PeerAnswer; readonly code: string }
  | {
      readonly kind: 'retry';
      readonly code: string;
      readonly outcomeUnknown: boolean;
      readonly peerDown: boolean;
      /** How long the peer says that asking again is of no use. */
      readonly waitMs?: number;
    };

/** Refusals that a fresh token, a newer registry or some time may mend. */
const PASSING = /^(token|registry|tls)\./;
const DAY_MS = 86_400_000;
const PASSING_STATUS = new Set([408, 425, 429]);

export function outcomeOf(answer: PeerAnswer): Outcome {
  if (answer.status >= 200 && answer.status < 300) return { kind: 'accepted', answer };
  const code = codeOf(answer.body);
  if (code === 'grant.quota-exceeded') return nextDay(answer.body);
  if (answer.status >= 500) return { kind: 'retry', code, outcomeUnknown: true, peerDown: true };
  if (PASSING_STATUS.has(answer.status) || PASSING.test(code)) {
    return { kind: 'retry', code, outcomeUnknown: false, peerDown: answer.status === 429 };
  }
  return { kind: 'refused', answer, code };
}

/** A used-up quota says nothing of the peer's health: only this message waits, until the quota opens again. */
function nextDay(body: Buffer): Outcome {
  const { facts } = problemIn(body) as { readonly facts?: { readonly retryAfterSeconds?: unknown } };
  const seconds = facts?.retryAfterSeconds;
  const waitMs = typeof seconds === 'number' && seconds > 0 ? Math.min(seconds * 1000, DAY_MS) : DAY_MS;
  return { kind: 'retry', code: 'grant.quota-exceeded', outcomeUnknown: false, peerDown: false, waitMs };
}

/** Anything that is no signed answer: the peer may or may not have acted. */
export function outcomeOfFailure(error: unknown): Extract<Outcome, { kind: 'retry' }> {
  const code = isGatewayError(error) ? error.code : 'internal';
  return { kind: 'retry', code, outcomeUnknown: outcomeUnknown(error), peerDown: code !== 'grant.refused' };
}

/** The code of a signed problem answer. */
function codeOf(body: Buffer): string {
  const { code } = problemIn(body);
  return typeof code === 'string' ? code.slice(0, 64) : 'exchange.refused-by-peer';
}

function problemIn(body: Buffer): { readonly code?: unknown; readonly facts?: unknown } {
  try {
    return (JSON.parse(body.toString('utf8')) ?? {}) as object;
  } catch {
    return {};
  }
}
