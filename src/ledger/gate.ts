/** Whether this log may grow: not before others confirm that it is the whole log, and not once they contradict it. */
import { GatewayError } from '../core/errors.ts';

export type GateState =
  /** Entries are taken and sequenced. */
  | 'open'
  /** Entries are taken; they are sequenced when the gate opens. */
  | 'waiting'
  /** Read-only. Only a new start leaves this state. */
  | 'quarantined';

export class LedgerGate {
  #state: GateState;
  #reason: string;

  constructor(state: 'open' | 'waiting' = 'open', reason = '') {
    this.#state = state;
    this.#reason = reason;
  }

  get state(): GateState {
    return this.#state;
  }

  /** What is waited for, or what was contradicted. */
  get reason(): string {
    return this.#reason;
  }

  wait(reason: string): void {
    if (this.#state === 'waiting') this.#reason = reason;
  }

  open(): void {
    if (this.#state === 'waiting') [this.#state, this.#reason] = ['open', ''];
  }

  quarantine(reason: string): void {
    if (this.#state !== 'quarantined') [this.#state, this.#reason] = ['quarantined', reason];
  }

  /** Throws ledger.quarantined. */
  assertWritable(): void {
    if (this.#state === 'quarantined') throw new GatewayError('ledger.quarantined', this.#reason);
  }

  /** Throws ledger.quarantined, ledger.unavailable. */
  assertOpen(): void {
    this.assertWritable();
    if (this.#state === 'waiting') throw new GatewayError('ledger.unavailable', this.#reason);
  }
}
