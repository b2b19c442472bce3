/** Collects what the checks found: one row for each fault, or one row that says what a rule has shown. */
import { isGatewayError } from '../../core/errors.ts';
import type { CodedFault, Fault } from '../container/fault.ts';

export interface BundleCheck extends Fault {
  readonly code: string;
  readonly ok: boolean;
}

/** A bundle that is wrong in every file needs no report of a gigabyte. */
const MOST_FAULTS = 100;

export class CheckList {
  readonly #checks: BundleCheck[] = [];

  get checks(): readonly BundleCheck[] {
    return this.#checks;
  }

  get ok(): boolean {
    return this.#checks.every(({ ok }) => ok);
  }

  /** @param statement what holds when there is no fault */
  rule(code: string, statement: string, faults: readonly Fault[]): void {
    if (faults.length === 0) {
      this.#checks.push({ code, ok: true, message: statement });
      return;
    }
    this.#checks.push(...faults.slice(0, MOST_FAULTS).map((fault) => ({ ...fault, code, ok: false })));
    const rest = faults.length - MOST_FAULTS;
    if (rest > 0) this.#checks.push({ code, ok: false, message: `and ${String(rest)} more of this kind` });
  }

  /** Faults that carry their own code, under one statement. */
  family(code: string, statement: string, faults: readonly CodedFault[]): void {
    if (faults.length === 0) this.rule(code, statement, []);
    for (const each of new Set(faults.map((fault) => fault.code))) {
      this.rule(
        each,
        statement,
        faults.filter((fault) => fault.code === each),
      );
    }
  }
}

/** Runs a parser of untrusted bytes: its value, or the refusal as a fault. */
export function attempt<T>(parse: () => T, path?: string): { value: T } | { fault: Fault } {
  try {
    return { value: parse() };
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    return { fault: path === undefined ? { message: error.message } : { message: error.message, path } };
  }
}
