/** One error class for everything that is refused; its code comes from one table. */
import { errorTable, type ErrorCode } from './error-table.ts';

export type { ErrorCode } from './error-table.ts';

export interface ErrorDetail {
  readonly cause?: unknown;
  /** Facts a caller may see beside the message, e.g. `{line: 12}`. Never payloads, tokens or keys. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;

  /** @param message what was expected, what came, and what to do; it is shown to the caller. */
  constructor(code: ErrorCode, message?: string, detail: ErrorDetail = {}) {
    super(
      message ?? errorTable[code].title,
      detail.cause === undefined ? undefined : { cause: detail.cause },
    );
    this.name = 'GatewayError';
    this.code = code;
    this.facts = detail.facts ?? {};
  }

  /** HTTP status that the code stands for. */
  get status(): number {
    return errorTable[this.code].status;
  }

  get remedy(): string {
    return errorTable[this.code].remedy;
  }
}

export function isGatewayError(error: unknown, code?: ErrorCode): error is GatewayError {
  return error instanceof GatewayError && (code === undefined || error.code === code);
}
