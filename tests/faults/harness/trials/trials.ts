/** Faults that several experiments, and the proof of the harness, put to a world. Each ends with the invariants. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultWorld } from '../fault-world.ts';
import type { Member } from '../found-world.ts';
import { assertInvariants } from '../invariants.ts';
import { startPushing } from '../pushes.ts';
import { randomOf } from '../run-mode.ts';
import type { StoppablePostgres } from '../stoppable-postgres.ts';

const DEATH_MS = 30_000;

/** The victim starts anew with the failpoint and is used until it has died of it. `<name>:<nth>`. */
export async function dieUnderLoad(world: FaultWorld, victim: Member, failpoint: string): Promise<void> {
  await rearm(world, victim, failpoint);
  const load = startPushing(world, 'bank-a');
  try {
    await world.gateway(victim).ended(DEATH_MS);
  } finally {
    await load.stop();
  }
}

export async function rearm(world: FaultWorld, victim: Member, failpoint: string): Promise<void> {
  await world.startAll();
  await world.gateway(victim).kill();
  await world.start(victim, { failpoint });
}

/** Answers of police-p to bank-a, each connection cut somewhere in its first answers. */
export async function loseAnswers(world: FaultWorld, cuts: number): Promise<void> {
  const random = randomOf('answers lost');
  const load = startPushing(world, 'bank-a', 4, 5);
  for (let cut = 0; cut < cuts; cut += 1) {
    const bytes = 1200 + Math.floor(random() * 6000);
    world.weather('bank-a', 'police-p', { cutAfter: { direction: 'back', bytes } });
    await sleep(100);
    world.place('police-p').front.cut('bank-a');
  }
  await load.stop();
  await assertInvariants(world);
}

/** Power cuts of the receiver's database while messages come in. */
export async function cutPower(world: FaultWorld, own: StoppablePostgres, crashes: number): Promise<void> {
  const random = randomOf('power cuts of the receiver');
  const load = startPushing(world, 'bank-a', 8, 0);
  try {
    for (let crash = 0; crash < crashes; crash += 1) {
      await sleep(1500 + random() * 1000);
      await own.crash();
      await sleep(200);
      await own.start();
    }
  } finally {
    await load.stop();
  }
  await assertInvariants(world);
}
