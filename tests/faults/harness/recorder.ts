/** What was asked of the gateways and what became of it, as Jepsen records it: one JSON line when asked, one when known. */
import { appendFileSync } from 'node:fs';

/** unknown: nobody can say whether it took effect, so both is right. */
export type Outcome = 'ok' | 'fail' | 'unknown';

export interface Operation {
  readonly id: number;
  readonly act: 'push' | 'packet' | 'screen';
  readonly member: string;
  /** What the operation is known by afterwards: a feature's value, a packet's id. */
  readonly key: string;
  outcome: Outcome;
  detail: string;
}

export class Recorder {
  readonly operations: Operation[] = [];
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** `act` says what became of it; what it throws is unknown. */
  async record(
    operation: Pick<Operation, 'act' | 'member' | 'key'>,
    act: () => Promise<{ readonly outcome: Outcome; readonly detail: string }>,
  ): Promise<Operation> {
    const one: Operation = {
      id: this.operations.length,
      ...operation,
      outcome: 'unknown',
      detail: 'under way',
    };
    this.operations.push(one);
    this.#write('invoke', one);
    const known = await act().catch((error: unknown) => ({
      outcome: 'unknown' as const,
      detail: String(error),
    }));
    Object.assign(one, known);
    this.#write(one.outcome, one);
    return one;
  }

  count(outcome: Outcome): number {
    return this.operations.filter((one) => one.outcome === outcome).length;
  }

  #write(type: 'invoke' | Outcome, operation: Operation): void {
    const times = { at: new Date().toISOString(), monotonicMs: Math.round(performance.now()) };
    appendFileSync(this.#path, `${JSON.stringify({ ...times, type, ...operation })}\n`);
  }
}
