/** Why a call to a peer brought no answer, and whether the peer may have seen it. */
import { GatewayError, isGatewayError } from '../../core/errors.ts';

/** Failures before the first byte of the request went out; after any other the outcome is unknown. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
]);

export function outgoingFailure(error: unknown, authority: string): GatewayError {
  if (isGatewayError(error)) return error;
  const reason = codeOf(error);
  return new GatewayError('exchange.peer-unreachable', `${authority} gave no answer: ${reason}`, {
    cause: error,
    facts: { authority, reason, sent: !BEFORE_SENDING.has(reason) },
  });
}

const GATE_CODES = new Set(['ledger.quarantined', 'ledger.unavailable', 'gateway.no-sequencer']);

/** Whether the peer may have acted on the call: then only the same mid, or a status call, tells. */
export function outcomeUnknown(error: unknown): boolean {
  // Refused here, before anything was sent.
  if (isGatewayError(error, 'exchange.target-refused')) return false;
  // Refused here, before or after it was sent, because the group has one of us no more.
  if (isGatewayError(error, 'grant.refused')) return error.facts['sent'] !== false;
  // Our own ledger's gate: nothing goes out while it is in doubt.
  if (isGatewayError(error) && GATE_CODES.has(error.code)) return false;
  if (isGatewayError(error) && /^registry\.(stale|expired|fork)$/.test(error.code)) return false;
  if (isGatewayError(error, 'exchange.peer-unreachable')) return error.facts['sent'] !== false;
  return true;
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
