/** A certificate that reaches its end in the middle of a transfer. A world of its own: registries follow each other in it. */
import { FaultWorld } from '../harness/fault-world.ts';
import { itInFull } from '../harness/run-mode.ts';
import { expireWhilePulling } from '../harness/trials/expiry.ts';

describe('a gateway certificate that ends while a file is pulled', function () {
  this.timeout(420_000);

  for (const [whose, victim] of [
    ['the puller', 'police-p'],
    ['the holder', 'regulator-r'],
  ] as const) {
    itInFull(
      `[P3 P6 P11] of ${whose}: nothing counts as delivered, all of it once there is a new one`,
      async () => {
        const world = await FaultWorld.open();
        try {
          await expireWhilePulling(world, victim);
        } finally {
          await world.close();
        }
      },
    );
  }
});
