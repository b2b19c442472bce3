/** Answers that are signed, fresh and true, of the right member over the right certificate: and to another request. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnswerSwapper } from '../harness/answer-swapper.ts';
import type { FaultWorld } from '../harness/fault-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { push, startPushing } from '../harness/pushes.ts';
import { times } from '../harness/run-mode.ts';
import { useSharedWorld } from '../harness/shared-world.ts';

/** Failures open the circuit to the peer: each further answer waits longer. */
const SWAPS = times(8, 5);
const SWAPPED_MS = 90_000;

describe('answers that changed places on the wire', function () {
  this.timeout(240_000);
  const world = useSharedWorld();

  it('[P1 P2 P4] acknowledge nothing, and each message is acknowledged once they come as they were given', async () => {
    const ends = { from: 'bank-a', to: 'police-p', path: '/x/v1/messages' } as const;
    const swapper = await AnswerSwapper.open(world(), ends);
    try {
      world().weather('bank-a', 'police-p', { detour: swapper.port });
      world().place('police-p').front.cut('bank-a');
      const load = startPushing(world(), 'bank-a');
      await swapped(world(), swapper).finally(() => load.stop());
      const mids = [...new Set(swapper.swaps.map(({ asked }) => asked))];
      assert.deepEqual(await acknowledged(world(), mids), [], 'taken for an acknowledgement');
      world().heal();
    } finally {
      world().place('police-p').front.cut('bank-a');
      await swapper.close();
    }
    await assertInvariants(world());
    assert.equal((await push(world(), 'bank-a')).outcome, 'ok');
  });
});

/** Pauses after failures are not what is tested. */
async function swapped(world: FaultWorld, { swaps }: AnswerSwapper): Promise<void> {
  for (const deadline = Date.now() + SWAPPED_MS; swaps.length < SWAPS; await sleep(200)) {
    assert.ok(Date.now() < deadline, `${swaps.length} answers of ${SWAPS} were swapped`);
    await world.hurry('bank-a');
  }
}

/** Those of the messages that the sender's rows or its ledger count as delivered. */
async function acknowledged(world: FaultWorld, mids: readonly string[]): Promise<readonly string[]> {
  const { rows } = await world.asAdministrator('bank-a', (db) =>
    db.query<{ mid: string }>(
      `SELECT mid::text FROM delivery WHERE mid::text = ANY($1) AND (state = 'acked' OR receipt IS NOT NULL)
       UNION SELECT body::json->>'mid' FROM ledger_entry
         WHERE body::json->>'mid' = ANY($1) AND body::json->>'kind' = 'message.acknowledged'`,
      [mids],
    ),
  );
  return rows.map(({ mid }) => mid);
}
