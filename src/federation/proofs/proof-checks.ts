/** Collects what the checks of a proof file found: one row for each rule, held or broken. */
import { isGatewayError } from '../../core/errors.ts';

export interface ProofCheck {
  /** Which rule: `form`, `registries`, `offer`, `counter.acceptance`, … */
  readonly code: string;
  readonly ok: boolean;
  readonly message: string;
}

export class ProofChecks {
  readonly #rows: ProofCheck[] = [];

  get rows(): readonly ProofCheck[] {
    return this.#rows;
  }

  get ok(): boolean {
    return this.#rows.every(({ ok }) => ok);
  }

  /** The value when `rule` does not refuse. @param statement what holds then */
  async run<T>(code: string, statement: string, rule: () => Promise<T> | T): Promise<T | undefined> {
    try {
      const value = await rule();
      this.note(code, statement);
      return value;
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      this.#rows.push({ code, ok: false, message: error.message });
      return undefined;
    }
  }

  /** Something to be read that is no rule. */
  note(code: string, message: string): void {
    this.#rows.push({ code, ok: true, message });
  }
}
