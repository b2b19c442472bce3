/** Tells a database that cannot answer from a statement that is wrong: the one is 503 and worth a retry, the other ours to mend. */
import { GatewayError } from '../core/errors.ts';

/**
 * SQLSTATE (PostgreSQL, appendix A): connection lost (08), no disk, memory or connection left (53), statement cancelled
 * or server stopping (57014, 57P0x), input or output failed (58030).
 */
const SQLSTATE = /^(08...|53...|57014|57P0\d|58030)$/;
const SYSTEM = /^(ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
/** pg gives its own errors no code. */
const WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered|Client was closed)/;

/** The error itself, or storage.unavailable with it as the cause. Whether a COMMIT took effect is unknown then. */
export function unavailableOr(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof GatewayError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!SQLSTATE.test(code) && !SYSTEM.test(code) && !WORDS.test(error.message)) return error;
  return new GatewayError('storage.unavailable', `the database gave no answer: ${code || error.message}`, {
    cause: error,
  });
}
