/** Whether this log may grow: not before others confirm that it is the whole log, and not once they contradict it. */
import { GatewayError, type ErrorCode } from '../core/errors.ts';

export type GateState =
  /** Entries are taken and sequenced. */
  | 'open'
  /** Entries are taken; they are sequenced when the gate opens. */
  | 'waiting'
  /** Read-only. Only a new start leaves this state. */
  | 'quarantined';

/** Of a gate that waits. `gateway.no-sequencer`: nobody is there who would sequence, so nothing is taken. */
export type WaitCode = Extract<ErrorCode, 'ledger.unavailable' | 'gateway.no-sequencer'>;

export class LedgerGate {
  #state: GateState;
  #reason: string;
  #waitCode: WaitCode = 'ledger.unavailable';

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

  /** What callers are refused with; undefined while it is open. */
  get code(): WaitCode | 'ledger.quarantined' | undefined {
    if (this.#state === 'open') return undefined;
    return this.#state === 'quarantined' ? 'ledger.quarantined' : this.#waitCode;
  }

  wait(reason: string): void {
    if (this.#state === 'waiting') this.#reason = reason;
  }

  open(): void {
    if (this.#state === 'waiting') [this.#state, this.#reason] = ['open', ''];
  }

  /** For a process that leaves the sequencing to another one: what that one cannot do, this one cannot answer. */
  shut(reason: string, code: WaitCode): void {
    if (this.#state === 'quarantined') return;
    [this.#state, this.#reason, this.#waitCode] = ['waiting', reason, code];
  }

  quarantine(reason: string): void {
    if (this.#state !== 'quarantined') [this.#state, this.#reason] = ['quarantined', reason];
  }

  /** Throws ledger.quarantined, gateway.no-sequencer. */
  assertWritable(): void {
    if (this.code === 'ledger.quarantined' || this.code === 'gateway.no-sequencer')
      throw new GatewayError(this.code, this.#reason);
  }

  /** Throws ledger.quarantined, ledger.unavailable, gateway.no-sequencer. */
  assertOpen(): void {
    if (this.code !== undefined) throw new GatewayError(this.code, this.#reason);
  }
}
