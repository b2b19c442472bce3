/** Answers that are signed, fresh and true, of the right member over the right certificate: and to another request. */
import assert from 'node:assert/strict';
import { push } from '../harness/pushes.ts';
import { times } from '../harness/run-mode.ts';
import { useSharedWorld } from '../harness/shared-world.ts';
import { swapAnswers } from '../harness/trials/swapping.ts';

/** Failures open the circuit to the peer: each further answer waits longer. */
const SWAPS = times(8, 5);

describe('answers that changed places on the wire', function () {
  this.timeout(300_000);
  const world = useSharedWorld();

  it('[P1 P2 P4] acknowledge nothing, and each message is acknowledged once they come to their own', async () => {
    await swapAnswers(world(), SWAPS);
    assert.equal((await push(world(), 'bank-a')).outcome, 'ok');
  });
});
