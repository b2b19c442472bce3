/** Two processes of one gateway, an orderly stop under load, and a start with a long queue. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../src/storage/embedded-postgres.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { GatewayProcess } from '../harness/gateway-process.ts';
import { buildProgram } from '../harness/program.ts';
import { fillQueue } from '../harness/queue.ts';
import { push, startPushing } from '../harness/pushes.ts';
import { itInFull, times } from '../harness/run-mode.ts';
import { useSharedWorld } from '../harness/shared-world.ts';

const STOP_MS = 30_000;
const READY_MS = 10_000;
const QUEUED = 10_000;

describe('processes of a gateway', function () {
  this.timeout(300_000);
  const world = useSharedWorld();

  it('[P1 P4] told to stop under load: nothing that was answered is lost, and it ends in time', async () => {
    const load = startPushing(world(), 'bank-a');
    for (let round = 0; round < times(5, 1); round += 1) {
      await sleep(1000);
      const began = performance.now();
      const code = await world().gateway('bank-a').stop();
      assert.equal(code, 0, `it ended with ${code}: ${world().gateway('bank-a').lastWords()}`);
      assert.ok(performance.now() - began < STOP_MS, 'it ended within 30 s');
      await world().start('bank-a');
    }
    await load.stop();
    await assertInvariants(world());
  });

  itInFull('[P1 P2] two on one database, one killed and one paused in turn: no message twice', async () => {
    const { config, directory } = world().place('bank-a');
    const ports = { peer: await freePort(), member: await freePort() };
    const other = {
      ...config,
      peer: { ...config.peer, port: ports.peer },
      memberPlane: { ...config.memberPlane, port: ports.member },
    };
    const configPath = join(directory, 'second.json');
    writeFileSync(configPath, JSON.stringify(other), { mode: 0o600 });
    const second = new GatewayProcess(
      { member: 'bank-a', directory, config: other, configPath },
      buildProgram(),
    );
    const load = startPushing(world(), 'bank-a', 6, 5);
    try {
      for (let round = 0; round < 3; round += 1) {
        await second.start();
        await sleep(1500);
        world().gateway('bank-a').signal('SIGSTOP');
        await sleep(5000);
        world().gateway('bank-a').signal('SIGCONT');
        await sleep(1500);
        await second.kill();
      }
    } finally {
      world().gateway('bank-a').signal('SIGCONT');
      await second.kill();
      await load.stop();
    }
    await assertInvariants(world());
  });

  itInFull(`[P12] killed with ${QUEUED} messages queued: ready again within 10 s`, async () => {
    world().weather('bank-a', 'police-p', { refuses: true });
    world().weather('bank-a', 'regulator-r', { refuses: true });
    await fillQueue(world(), QUEUED);
    await world().gateway('bank-a').kill();
    const began = performance.now();
    // Its own witnesses must be reachable for a start; the queue's wires stay what they are.
    world().heal();
    await world().start('bank-a');
    const took = performance.now() - began;
    assert.ok(took < READY_MS, `it took ${Math.round(took)} ms`);
    assert.equal((await push(world(), 'bank-a')).outcome, 'ok');
    await world().quiesce(240_000);
    await assertInvariants(world());
  });
});
