/** The database dies, is cut off in the middle of a COMMIT, or stands still. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultWorld } from '../harness/fault-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { push, startPushing } from '../harness/pushes.ts';
import { StoppablePostgres } from '../harness/stoppable-postgres.ts';
import { randomOf, times, itInFull } from '../harness/run-mode.ts';
import { useSharedWorld } from '../harness/shared-world.ts';

/** CommandComplete of a COMMIT: 'C', length, text, NUL. */
const COMMITTED = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1');

describe('a database', function () {
  this.timeout(240_000);

  describe('cut off when it answers COMMIT', () => {
    const world = useSharedWorld();

    for (const victim of ['police-p', 'bank-a'] as const) {
      const run = victim === 'police-p' ? it : itInFull;
      run(`[P1 P2 P4] of ${victim}: the outcome is looked up, one effect`, async () => {
        const random = randomOf(`commit ${victim}`);
        const load = startPushing(world(), 'bank-a');
        const { toDatabase } = world().place(victim);
        for (let cut = 0; cut < times(40, 6); cut += 1) {
          await sleep(50 + random() * 250);
          await new Promise<void>((resolve) => {
            toDatabase.set({
              cutWhen: (piece, direction) => {
                const isIt = direction === 'back' && piece.includes(COMMITTED);
                if (isIt) resolve();
                return isIt;
              },
            });
            setTimeout(resolve, 2000);
          });
          toDatabase.heal();
        }
        await load.stop();
        await assertInvariants(world());
      });
    }

    itInFull('[P4] standing still for 12 s: no 2xx meanwhile, and it goes on by itself', async () => {
      const { toDatabase } = world().place('bank-a');
      toDatabase.set({ silent: ['there', 'back'] });
      const pushed = await push(world(), 'bank-a');
      toDatabase.heal();
      assert.notEqual(pushed.outcome, 'ok', 'nothing could be logged');
      await sleep(1000);
      await assertInvariants(world());
      assert.equal((await push(world(), 'bank-a')).outcome, 'ok');
    });
  });

  describe('stopped at once, as by a power cut', () => {
    let world: FaultWorld;
    let own: StoppablePostgres;

    before(async function () {
      own = await StoppablePostgres.create();
      world = await FaultWorld.open({ ownClusters: { 'police-p': own } });
    });
    after(async () => {
      await world?.close();
      await own?.remove();
    });

    it('[P1 P2 P4] under load and started again: what was confirmed is there, what was not is known', async () => {
      const random = randomOf('power cut');
      const loads = [startPushing(world, 'bank-a'), startPushing(world, 'police-p')];
      for (let crash = 0; crash < times(8, 1); crash += 1) {
        await sleep(500 + random() * 1500);
        await own.crash();
        const during = await push(world, 'police-p');
        assert.notEqual(during.outcome, 'ok', 'a push was confirmed without a database');
        assert.match(
          during.detail,
          /^503 |TimeoutError/,
          `it says that it cannot, by 503, not ${during.detail}`,
        );
        await sleep(random() * times(10_000, 500));
        await own.start();
      }
      await sleep(1000);
      await Promise.all(loads.map((load) => load.stop()));
      await assertInvariants(world);
      assert.equal((await push(world, 'police-p')).outcome, 'ok', 'it recovers without an operator');
    });
  });
});
