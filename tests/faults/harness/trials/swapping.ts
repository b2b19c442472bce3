/** Answers of police-p to bank-a change places on the wire, while bank-a has messages for it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnswerSwapper } from '../answer-swapper.ts';
import type { FaultWorld } from '../fault-world.ts';
import { assertInvariants } from '../invariants.ts';
import { startPushing } from '../pushes.ts';

const SWAPPED_MS = 90_000;

/** Nothing counts as delivered by so many wrong answers; all is, once, when each answer comes to its request again. */
export async function swapAnswers(world: FaultWorld, count: number): Promise<void> {
  const ends = { from: 'bank-a', to: 'police-p', path: '/x/v1/messages' } as const;
  const swapper = await AnswerSwapper.open(world, ends);
  const { front } = world.place('police-p');
  try {
    world.weather('bank-a', 'police-p', { detour: swapper.port });
    front.cut('bank-a');
    const load = startPushing(world, 'bank-a');
    await swapped(world, { swapper, count }).finally(() => load.stop());
    const mids = [...new Set(swapper.swaps.map(({ asked }) => asked))];
    assert.deepEqual(await acknowledged(world, mids), [], 'taken for an acknowledgement');
  } finally {
    world.heal();
    front.cut('bank-a');
    await swapper.close();
  }
  await assertInvariants(world);
}

/** Pauses after failures are not what is tested. */
async function swapped(
  world: FaultWorld,
  { swapper, count }: { readonly swapper: AnswerSwapper; readonly count: number },
): Promise<void> {
  const { swaps } = swapper;
  for (const deadline = Date.now() + SWAPPED_MS; swaps.length < count; await sleep(200)) {
    assert.ok(Date.now() < deadline, `${swaps.length} answers of ${count} were swapped`);
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
