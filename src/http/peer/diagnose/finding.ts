/** How a diagnosis goes on after a fault: what a check refused is noted, mended in a copy, and the same check asked again. */
import { isGatewayError, type ErrorCode, type GatewayError } from '../../../core/errors.ts';

export interface Finding {
  /** Of the exchange profile's order of checks. */
  readonly check: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly expected?: string;
  readonly came?: string;
  readonly remedy: string;
}

export interface Mended<T> {
  /** Undefined: nothing after this can be judged by this check. */
  readonly input: T | undefined;
  readonly expected?: string;
  readonly came?: string;
}

export interface Inquiry<T, R> {
  readonly check: string;
  readonly ask: (input: T) => R | Promise<R>;
  readonly mend: (error: GatewayError, input: T) => Mended<T>;
}

/** More faults than one request can have. */
const TURNS = 64;

/** The check's result once it has nothing more to say; undefined when it could not be brought there. */
export async function exhaust<T, R>(
  findings: Finding[],
  input: T,
  { check, ask, mend }: Inquiry<T, R>,
): Promise<{ readonly input: T; readonly result: R } | undefined> {
  let current = input;
  for (let turn = 0; turn < TURNS; turn += 1) {
    try {
      return { input: current, result: await ask(current) };
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      const { input: next, ...words } = mend(error, current);
      findings.push(findingOf(check, error, words));
      if (next === undefined) return undefined;
      current = next;
    }
  }
  return undefined;
}

export function findingOf(
  check: string,
  error: GatewayError,
  words: { readonly expected?: string; readonly came?: string } = {},
): Finding {
  const { code, message, remedy } = error;
  return { check, code, message, ...words, remedy };
}
