/** Replays and a member that is suspended while it is connected: worlds of their own, because of what attackers leave in them. */
import { FaultWorld } from '../harness/fault-world.ts';
import { itInFull, times } from '../harness/run-mode.ts';
import { replay } from '../harness/trials/replay.ts';
import { revokeUnderLoad } from '../harness/trials/revocation.ts';

/** The registry is looked at every second here, not every minute: what is promised as 61 s must hold within two looks. */
const REVOKED_MS = 2500;

describe('a request or a member that no longer counts', function () {
  this.timeout(180_000);

  async function inOwnWorld(trial: (world: FaultWorld) => Promise<void>): Promise<void> {
    const world = await FaultWorld.open();
    try {
      await trial(world);
    } finally {
      await world.close();
    }
  }

  it('[P2 P3] one request a hundred times, forty at once, and again after a kill: accepted once', () =>
    inOwnWorld((world) => replay(world, times(100, 20))));

  for (const what of ['member', 'certificate'] as const) {
    itInFull(`[P6] a ${what} revoked while it holds open connections and sends`, () =>
      inOwnWorld((world) => revokeUnderLoad(world, what, REVOKED_MS)),
    );
  }
});
