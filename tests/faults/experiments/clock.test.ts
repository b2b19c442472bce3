/** A gateway whose clock is wrong: it may refuse and be refused, it never accepts what it must not, and it recovers. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { forge } from '../../exchange/forge.ts';
import { closeConnections, send } from '../../exchange/send.ts';
import { falseClock, type FalseClock } from '../harness/false-clock.ts';
import { FaultWorld } from '../harness/fault-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { push } from '../harness/pushes.ts';
import { itInFull } from '../harness/run-mode.ts';
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
    if (found === undefined) {
      process.stdout.write('    skipped: libfaketime is not installed\n');
      return this.skip();
    }
    clock = found;
    world = await FaultWorld.open();
    await world.gateway('police-p').kill();
    await world.start('police-p', { environment: clock.environment });
  });
  after(() => world?.close());

  for (const [name, ahead] of [
    ['61 s ahead', MINUTE + 1],
    ['61 s behind', -MINUTE - 1],
    ['an hour ahead', HOUR],
    ['an hour behind', -HOUR],
    ['a day ahead', DAY],
  ] as const) {
    itInFull(
      `[P1 P10] jumps ${name} at the receiver while it runs: nothing fresh is accepted, all arrives when it is right`,
      async () => {
        assert.equal((await push(world, 'bank-a')).outcome, 'ok');
        await world.quiesce();
        clock.set(ahead);
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

  itInFull('[P10] behind by an hour does not revive a token that has expired', async () => {
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
  });

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
