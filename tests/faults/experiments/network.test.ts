/** Wires that are down, one-way, slow, sliced or cut: store and forward, once, and nobody else is held up. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultWorld } from '../harness/fault-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { signedPacket, stateAtReceiver, transfer } from '../harness/packets.ts';
import { push, startPushing } from '../harness/pushes.ts';
import { itInFull, randomOf, times } from '../harness/run-mode.ts';
import { useSharedWorld } from '../harness/shared-world.ts';
import { loseAnswers } from '../harness/trials/trials.ts';
import type { Weather } from '../harness/weather.ts';

const DOWN: Weather = { silent: ['there', 'back'] };
const PACKET_BYTES = 2 * 1024 * 1024;

describe('a wire between two gateways', function () {
  this.timeout(240_000);
  const world = useSharedWorld();

  /** Both directions of calls. */
  function between(weather: Weather): void {
    world().weather('bank-a', 'police-p', weather);
    world().weather('police-p', 'bank-a', weather);
  }

  const partitions: readonly [string, Weather][] = [
    ['down without a word (bytes vanish, connections stay half open)', DOWN],
    ['down for what goes there', { silent: ['there'] }],
    ['down for what comes back', { silent: ['back'] }],
    ['refusing every connection', { refuses: true }],
  ];
  for (const [name, weather] of partitions) {
    const isShort = weather.silent?.length === 1 && weather.silent[0] === 'back';
    (isShort ? it : itInFull)(`[P1 P2] ${name}: pushes go on, and arrive once when it heals`, async () => {
      const load = startPushing(world(), 'bank-a', 2, 50);
      between(weather);
      world().place('police-p').front.cut('bank-a');
      await sleep(times(6000, 2500));
      await load.stop();
      const during = await push(world(), 'bank-a');
      assert.equal(during.outcome, 'ok', `a partition must not stop the member's own push: ${during.detail}`);
      await othersHave(world(), during.key);
      await assertInvariants(world());
    });
  }

  itInFull('[P1 P2] flapping every second', async () => {
    const load = startPushing(world(), 'bank-a');
    for (let round = 0; round < 10; round += 1) {
      between(round % 2 === 0 ? DOWN : {});
      if (round % 3 === 0) world().place('police-p').front.cut();
      await sleep(1000);
    }
    await load.stop();
    await assertInvariants(world());
  });

  it('[P1 P2] answers lost: cut somewhere in each answer', () => loseAnswers(world(), times(60, 8)));

  it('[P1 P11] cut in segments of one byte', async () => {
    world().place('police-p').front.cut();
    world().weather('bank-a', 'police-p', { slice: 1 });
    for (let count = 0; count < 3; count += 1) assert.equal((await push(world(), 'bank-a')).outcome, 'ok');
    await sleep(times(5000, 1500));
    await assertInvariants(world());
  });

  itInFull(
    '[P1 P11] slow (500 ms, then 200 kB/s) and cut while a file is pulled: the same digest',
    async () => {
      const packetId = await signedPacket(world(), PACKET_BYTES);
      world().weather('police-p', 'regulator-r', { latencyMs: 100, bytesPerSecond: 200_000, slice: 16_384 });
      await transfer(world(), packetId);
      for (let cut = 0; cut < 3; cut += 1) {
        await sleep(3000);
        world().place('regulator-r').front.cut('police-p');
      }
      await assertInvariants(world());
      assert.equal(await stateAtReceiver(world(), packetId), 'received');
    },
  );

  itInFull('[P1 P2] cut at a random byte of anything, on every edge, 100 times', async () => {
    const random = randomOf('cut anywhere');
    const loads = [startPushing(world(), 'bank-a'), startPushing(world(), 'regulator-r')];
    for (let cut = 0; cut < 100; cut += 1) {
      const direction = random() < 0.5 ? 'there' : 'back';
      const weather: Weather = { cutAfter: { direction, bytes: Math.floor(random() * 20_000) } };
      for (const member of ['bank-a', 'regulator-r', 'police-p'] as const)
        for (const other of ['bank-a', 'regulator-r', 'police-p'] as const)
          world().weather(member, other, weather);
      await sleep(100);
    }
    for (const load of loads) await load.stop();
    await assertInvariants(world());
  });
});

/** The third member is not held up by the two that cannot reach each other. */
async function othersHave(world: FaultWorld, value: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { rowCount } = await world.asAdministrator('regulator-r', (db) =>
      db.query('SELECT 1 FROM feature WHERE value = $1', [value]),
    );
    if (rowCount === 1) return;
    await sleep(50);
  }
  throw new Error(`regulator-r did not get ${value} while bank-a and police-p were parted`);
}
