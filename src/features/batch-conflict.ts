/** Ids come from peers; a second use is theirs to mend, not an inner error. */
import { GatewayError, isGatewayError } from '../core/errors.ts';

/** What an error of storing batches says to their issuer; undefined when it is about something else. */
export function conflictOf(error: unknown): GatewayError | undefined {
  if (isGatewayError(error) || !(error instanceof Error) || !('constraint' in error)) return undefined;
  if (error.constraint === 'feature_batch_issuer_id_key') {
    return new GatewayError('exchange.id-conflict', 'the issuer used this envelope id before', {
      cause: error,
    });
  }
  if (error.constraint === 'feature_pkey') {
    return new GatewayError('feature.invalid', 'the issuer used a feature id before', { cause: error });
  }
  return undefined;
}
