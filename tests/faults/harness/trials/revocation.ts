/** A member is suspended, or its certificate revoked, while it holds open connections and a load is on its way. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RegistryMember } from '../../../../src/federation/registry/registry-types.ts';
import { forge } from '../../../exchange/forge.ts';
import { closeConnections, send } from '../../../exchange/send.ts';
import type { FaultWorld } from '../fault-world.ts';
import { push } from '../pushes.ts';
import { wireTo } from '../wire-to.ts';
import { publishWith } from './publish.ts';

const OPEN_CALLERS = 8;

export type Revoked = 'member' | 'certificate';

/** From `withinMs` after the publication on nothing of bank-a is accepted, on old connections or new. */
export async function revokeUnderLoad(world: FaultWorld, what: Revoked, withinMs: number): Promise<void> {
  assert.equal((await push(world, 'bank-a')).outcome, 'ok');
  const wire = await wireTo(world, 'bank-a', 'police-p');
  const accepted: number[] = [];
  let stopped = false;
  const caller = async (): Promise<void> => {
    while (!stopped) {
      const sent = performance.now();
      // A connection that is destroyed under a call has accepted nothing.
      const answer = await send(wire, await forge(wire)).catch(() => undefined);
      if (answer?.status === 200) accepted.push(sent);
      await sleep(20);
    }
  };
  const callers = Array.from({ length: OPEN_CALLERS }, caller);
  try {
    await sleep(1000);
    const before = accepted.length;
    const published = await publishWith(world, 'bank-a', (member) => revokedOf(member, what));
    await sleep(withinMs + 2000);
    assert.ok(before > 0, 'the member was served before');
    const late = accepted.filter((sent) => sent > published + withinMs);
    assert.deepEqual(
      late,
      [],
      `${late.length} calls were accepted more than ${withinMs} ms after the revocation`,
    );
  } finally {
    stopped = true;
    closeConnections(wire);
    await Promise.all(callers);
  }
}

/** A certificate that is not listed any more does not count any more. */
function revokedOf(member: RegistryMember, what: Revoked): RegistryMember {
  if (what === 'member') return { ...member, status: 'suspended' };
  return { ...member, gateways: member.gateways.map((gateway) => ({ ...gateway, certs: [] })) };
}
