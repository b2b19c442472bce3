/** Two registries under one serial: live traffic waits until an operator says which one counts, and goes on then. */
import { openForks, resolveEvidence } from '../../../src/federation/registry/keeping/registry-store.ts';
import { forge } from '../../exchange/forge.ts';
import { sent, type AttackCase, type Expectation, type Outcome } from '../attack.ts';
import type { AttackWorld } from '../attack-world.ts';

/** The evidence, the refusal while it stands open, its resolution, and the message that is accepted again. */
export const FORK: Partial<Expectation> = {
  entries: ['registry.alarm', 'exchange.refused', 'registry.resolved', 'message.accepted'],
  honest: true,
};

/** Status −1 when traffic goes on beside an open fork, or does not go on after its end. */
export async function untilResolved(world: AttackWorld, outcome: Outcome): Promise<Outcome> {
  const stopped = await sent(world, await forge(world));
  if (stopped.code !== 'registry.fork') return { status: -1, code: `not stopped: ${stopped.code}` };
  await resolveForks(world);
  const { status, code } = await sent(world, await forge(world));
  return status === 200 ? outcome : { status: -1, code: `no recovery: ${code}` };
}

async function resolveForks({ receiver, clock }: AttackWorld): Promise<void> {
  for (const { id } of await openForks(receiver.database))
    await resolveEvidence(receiver.database, id, { at: clock(), resolution: 'ours counts' });
  await receiver.registry.refresh();
}

/** A refused document that is a fork all the same. */
export function forking(one: AttackCase): AttackCase {
  return {
    ...one,
    attack: async (world) => untilResolved(world, await one.attack(world)),
    expect: { ...one.expect, ...FORK },
  };
}
