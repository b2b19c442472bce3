/** A frozen registry or a doubtful ledger stops what goes out as well as what comes in. */
import type { Clock } from '../core/clock.ts';
import type { PeerClient } from '../federation/peers/peer-client.ts';
import type { RegistryKeeper } from '../federation/registry/registry-keeper.ts';
import type { LedgerGate } from '../ledger/gate.ts';

export interface OutgoingGuard {
  readonly registry: Pick<RegistryKeeper, 'assertFresh'>;
  readonly gate: LedgerGate;
  readonly clock: Clock;
}

export function guardedClient(
  client: Pick<PeerClient, 'call'>,
  { registry, gate, clock }: OutgoingGuard,
): Pick<PeerClient, 'call'> {
  return {
    call: async (call) => {
      registry.assertFresh(clock());
      gate.assertOpen();
      return client.call(call);
    },
  };
}
