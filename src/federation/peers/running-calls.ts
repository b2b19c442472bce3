/** Calls under way, by peer and group: one whose parties share the group no more is broken off. */
import { GatewayError } from '../../core/errors.ts';
import type { GroupId, MemberId } from '../../core/ids.ts';
import type { RegistryView } from '../registry/registry-view.ts';

interface Call {
  readonly to: MemberId;
  /** `-` where the call concerns no group. */
  readonly group: GroupId;
  /** However steadily the answer trickles. */
  readonly limitMs: number;
  readonly signal?: AbortSignal;
}

export class RunningCalls {
  readonly #member: MemberId;
  readonly #running = new Map<AbortController, Call>();

  constructor(member: MemberId) {
    this.#member = member;
  }

  /** Throws `grant.refused` before anything is sent to a peer that the group does not have. */
  start(call: Call, view: RegistryView): { readonly signal: AbortSignal; end(): void } {
    const refusal = this.#refusal(call, view, { sent: false });
    if (refusal !== undefined) throw refusal;
    const abort = new AbortController();
    // Not AbortSignal.any: on Node 20 it leaks with a signal that outlives its calls, as a worker's does.
    const passOn = (): void => abort.abort(call.signal?.reason);
    if (call.signal?.aborted === true) passOn();
    call.signal?.addEventListener('abort', passOn);
    const late = (): void => abort.abort(new DOMException('the call took too long', 'TimeoutError'));
    const timer = setTimeout(late, call.limitMs).unref();
    this.#running.set(abort, call);
    const end = (): void => {
      clearTimeout(timer);
      this.#running.delete(abort);
      call.signal?.removeEventListener('abort', passOn);
    };
    return { signal: abort.signal, end };
  }

  /** To be called at each registry change. */
  judge(view: RegistryView): void {
    for (const [abort, call] of this.#running) {
      const refusal = this.#refusal(call, view, { sent: true });
      if (refusal !== undefined) abort.abort(refusal);
    }
  }

  #refusal(
    { to, group }: Call,
    view: RegistryView,
    facts: { readonly sent: boolean },
  ): GatewayError | undefined {
    if (group === '-') return undefined;
    const stranger = [this.#member, to].find((member) => !view.inGroup(group, member));
    if (stranger === undefined) return undefined;
    const message = `${stranger} is no member of ${group} in registry ${view.serial}`;
    return new GatewayError('grant.refused', message, {
      facts: { unmet: 'group-member', peer: to, group, ...facts },
    });
  }
}
