/** Faults at random under load, from a seed: what nobody thought of. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultWorld } from '../harness/fault-world.ts';
import { MEMBERS } from '../harness/found-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { signedPacket, transfer } from '../harness/packets.ts';
import { startPushing } from '../harness/pushes.ts';
import { inWords, scheduleOf, type Fault } from '../harness/schedule.ts';
import { randomOf, seed, times } from '../harness/run-mode.ts';
import { useSharedWorld } from '../harness/shared-world.ts';

const ROUNDS = times(5, 1);
const FAULTS = times(20, 6);
const PACKET_BYTES = 3 * 1024 * 1024;

describe('faults at random', function () {
  this.timeout(900_000);
  const world = useSharedWorld();

  it(`[P1 P2 P4 P11] ${ROUNDS * FAULTS} of them: kills, pauses, wires, databases, under pushes and transfers`, async () => {
    const random = randomOf('schedule');
    for (let round = 0; round < ROUNDS; round += 1) {
      const schedule = scheduleOf(random, FAULTS);
      try {
        await suffer(world(), schedule);
        await assertInvariants(world());
      } catch (cause) {
        const told = schedule.map(inWords).join('; ');
        throw new Error(`LIANZHENG_SEED=${seed()}, round ${round}: ${told}: ${String(cause)}`, { cause });
      }
    }
  });

  it('[P7] leave memory and open files where they were', async () => {
    // What a process needs once, it has after its first load.
    await work(world(), times(3000, 1500));
    const before = await settled(world());
    for (let round = 0; round < times(5, 1); round += 1) {
      for (const to of MEMBERS) for (const from of MEMBERS) world().weather(from, to, { silent: ['back'] });
      await work(world(), times(4000, 1500));
      for (const member of MEMBERS) world().place(member).front.cut();
      await assertInvariants(world());
    }
    const after = await settled(world());
    for (const [at, member] of MEMBERS.entries()) {
      const [was, is] = [before[at]!, after[at]!];
      assert.ok(is.files <= was.files + 24, `${member} had ${was.files} open files, now ${is.files}`);
      assert.ok(is.rss <= was.rss * 1.5 + 64e6, `${member} had ${was.rss} bytes in memory, now ${is.rss}`);
    }
  });
});

async function suffer(world: FaultWorld, schedule: readonly Fault[]): Promise<void> {
  const loads = [startPushing(world, 'bank-a', 3, 10), startPushing(world, 'police-p', 2, 30)];
  const packet = signedPacket(world, PACKET_BYTES).then(
    (id) => transfer(world, id),
    // The regulator may die while the packet is made: nothing was promised then.
    () => undefined,
  );
  try {
    for (const fault of schedule) {
      await happen(world, fault);
      await sleep(150);
    }
    await packet;
  } finally {
    for (const member of MEMBERS) world.gateway(member).signal('SIGCONT');
    world.heal();
    await world.startAll();
    for (const load of loads) await load.stop();
  }
}

async function happen(world: FaultWorld, fault: Fault): Promise<void> {
  if (fault.kind === 'cut-database') return world.place(fault.member).toDatabase.cut();
  if (fault.kind === 'weather') {
    world.weather(fault.from, fault.to, fault.weather);
    await sleep(fault.forMs);
    return world.weather(fault.from, fault.to, {});
  }
  const gateway = world.gateway(fault.member);
  if (fault.kind === 'pause') {
    gateway.signal('SIGSTOP');
    await sleep(fault.forMs);
    return gateway.signal('SIGCONT');
  }
  await gateway.kill();
  await sleep(fault.downMs);
  // Not awaited until it is ready: the next fault may meet it while it starts.
  await world.start(fault.member, { awaitReady: false });
}

async function work(world: FaultWorld, milliseconds: number): Promise<void> {
  const load = startPushing(world, 'bank-a');
  await sleep(milliseconds);
  await load.stop();
}

async function settled(world: FaultWorld) {
  await world.quiesce();
  await sleep(1000);
  return MEMBERS.map((member) => world.gateway(member).resources() ?? { rss: 0, files: 0 });
}
