/** Gateways killed with -9 at named points of an exchange. */
import assert from 'node:assert/strict';
import { FaultWorld } from '../harness/fault-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { push } from '../harness/pushes.ts';

describe('a gateway killed with -9', function () {
  this.timeout(120_000);
  let world: FaultWorld;

  before(async () => {
    world = await FaultWorld.open();
  });
  after(() => world?.close());

  it('[P1 P2 P4] the receiver after its commit, before it has answered', async () => {
    await world.gateway('police-p').kill();
    await world.start('police-p', { failpoint: 'after-commit-before-answer:1' });
    const pushed = await push(world, 'bank-a');
    assert.equal(pushed.outcome, 'ok', pushed.detail);
    await world.gateway('police-p').ended();
    await assertInvariants(world);
  });
});
