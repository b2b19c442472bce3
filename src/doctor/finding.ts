/** One line of an examination. */
import type { Finding } from '../cli/hooks.ts';
import { isGatewayError } from '../core/errors.ts';

export type { Finding } from '../cli/hooks.ts';

export function ok(check: string, message: string): Finding {
  return { level: 'ok', check, message };
}

export function warn(check: string, message: string, remedy: string): Finding {
  return { level: 'warn', check, message, remedy };
}

export function fail(check: string, message: string, remedy: string): Finding {
  return { level: 'fail', check, message, remedy };
}

/** What cannot be looked at has failed; its error says why. */
export async function examined(
  check: string,
  remedy: string,
  work: () => Promise<readonly Finding[]> | readonly Finding[],
): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // node-postgres gives an AggregateError without words when no address answers.
    const code = (error as { readonly code?: unknown }).code;
    const shown = message === '' ? String(code ?? error) : message;
    return [fail(check, shown, isGatewayError(error) ? error.remedy : remedy)];
  }
}
