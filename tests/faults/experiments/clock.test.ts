/** A gateway whose clock is wrong: it may refuse and be refused, it never accepts what it must not, and it recovers. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { forge } from '../../exchange/forge.ts';
import { closeConnections, send } from '../../exchange/send.ts';
import { falseClock, type FalseClock } from '../harness/false-clock.ts';
import { FaultWorld } from '../harness/fault-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { push } from '../harness/pushes.ts';
import { itInFull, skipBecause } from '../harness/run-mode.ts';
import { wireTo } from '../harness/wire-to.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a clock that is wrong', function () {
  this.timeout(300_000);
  let world: FaultWorld;
  let clock: FalseClock;

  before(async function () {
    const found = falseClock();
    if (found === undefined) return skipBecause(this, 'libfaketime is not installed');
    clock = found;
    world = await FaultWorld.open();
    await world.gateway('police-p').kill();
    await world.start('police-p', { environment: clock.environment });
  });
  after(() => world?.close());

  /** A fresh token lives 60 s and 10 s of skew are allowed: a clock that is 61 s ahead still takes it, and may. */
  it('[P1 P10] jumps 61 s ahead at the receiver: what is fresh still arrives, once', async () => {
    clock.set(MINUTE + 1);
    assert.equal((await push(world, 'bank-a')).outcome, 'ok');
    await sleep(1000);
    clock.set(0);
    await assertInvariants(world);
  });

  for (const [name, ahead, rate] of [
    ['jumps 75 s ahead', MINUTE + 15, 1],
    ['jumps 61 s behind', -MINUTE - 1, 1],
    ['jumps an hour ahead', HOUR, 1],
    ['jumps an hour behind', -HOUR, 1],
    ['jumps a day ahead', DAY, 1],
    ['jumps a quarter of an hour behind and runs half as fast', -HOUR / 4, 0.5],
  ] as const) {
    itInFull(
      `[P1 P10] ${name} at the receiver: nothing is accepted, all arrives when it is right`,
      async () => {
        assert.equal((await push(world, 'bank-a')).outcome, 'ok');
        await world.quiesce();
        clock.set(ahead, rate);
        await sleep(300);
        const before = await inboxSize();
        const pushed = await push(world, 'bank-a');
        assert.equal(pushed.outcome, 'ok', "the sender's own clock is right");
        await sleep(2500);
        assert.equal(await inboxSize(), before, 'a message was accepted by a clock that is off');
        clock.set(0);
        await sleep(300);
        await assertInvariants(world);
      },
    );
  }

  itInFull(
    '[P2 P10] an hour ahead for a while and right again: a token that was used is still known, an old one still too old',
    async () => {
      await push(world, 'bank-a');
      const wire = await wireTo(world, 'bank-a', 'police-p');
      const forged = await forge(wire, { claims: agedBy(HOUR) });
      try {
        const answer = await send(wire, forged);
        assert.equal(answer.status >= 400, true, 'by a right clock it has expired');
        const used = await forge(wire);
        assert.equal((await send(wire, used)).status, 200);
        clock.set(HOUR);
        await sleep(35_000);
        clock.set(0);
        await sleep(300);
        const again = await send(wire, used);
        assert.notEqual(again.status, 200, 'what was used was forgotten while the clock was ahead');
      } finally {
        clock.set(0);
        closeConnections(wire);
      }
    },
  );

  async function inboxSize(): Promise<number> {
    const { rows } = await world.asAdministrator('police-p', (db) =>
      db.query<{ n: string }>('SELECT count(*) AS n FROM inbox'),
    );
    return Number(rows[0]?.n);
  }
});

function agedBy(seconds: number) {
  const iat = Math.floor(Date.now() / 1000) - seconds;
  return { iat, nbf: iat, exp: iat + 60 };
}
