/** The harness proves itself: with a mistake planted in the program it must fail. */
import assert from 'node:assert/strict';
import { FaultWorld, type WorldOptions } from '../harness/fault-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { buildProgram, type SeededBug } from '../harness/program.ts';
import { itInFull } from '../harness/run-mode.ts';
import { bugs, DROP_MESSAGE_IDS, DROP_TOKEN_IDS } from '../harness/seeded-bugs.ts';
import { StoppablePostgres } from '../harness/stoppable-postgres.ts';
import { expireWhilePulling } from '../harness/trials/expiry.ts';
import { replay } from '../harness/trials/replay.ts';
import { revokeUnderLoad } from '../harness/trials/revocation.ts';
import { swapAnswers } from '../harness/trials/swapping.ts';
import { cutPower, dieUnderLoad, loseAnswers } from '../harness/trials/trials.ts';

const QUIET_MS = 20_000;

describe('the harness finds', function () {
  this.timeout(300_000);

  /** `trial` fails, and because of what it found: not because the world broke down. */
  async function finds(
    what: RegExp,
    options: WorldOptions,
    trial: (world: FaultWorld) => Promise<void>,
  ): Promise<void> {
    const world = await FaultWorld.open({ ...options, quietMs: QUIET_MS });
    try {
      await assert.rejects(trial(world), (error: Error) => {
        assert.match(error.message, what, `it failed for another reason: ${error.message}`);
        return true;
      });
    } finally {
      await world.close();
    }
  }

  const withBug = (bug: SeededBug): WorldOptions => ({ main: buildProgram(bug) });

  itInFull('a token table without its unique index, by replays', () =>
    finds(/a token counts once/, {}, async (world) => {
      await world.asAdministrator('police-p', (db) => db.query(DROP_TOKEN_IDS));
      await replay(world, 5);
    }),
  );

  it('an acknowledgement that is stored before its receipt, by a kill between them', () =>
    finds(/names another entry/, withBug(bugs.acksBeforeReceipt), async (world) => {
      await dieUnderLoad(world, 'bank-a', 'sender-after-receipt-before-ack:2');
      await assertInvariants(world);
    }));

  it('rows of a message that are committed before its entry, by a kill between them', () =>
    finds(/without an entry|not quiet/, withBug(bugs.commitsRowsBeforeEntries), async (world) => {
      await dieUnderLoad(world, 'police-p', 'between-rows-and-entries:2');
      await assertInvariants(world);
    }));

  itInFull('an inbox without its unique indices, by lost answers', () =>
    finds(/stand twice|stands \d+ times/, {}, async (world) => {
      await world.asAdministrator('police-p', (db) => db.query(DROP_MESSAGE_IDS));
      await loseAnswers(world, 40);
    }),
  );

  itInFull('an outbox that is read from a high-water mark, by lost answers', () =>
    finds(/not quiet/, withBug(bugs.readsFromHighWaterMark), (world) => loseAnswers(world, 40)),
  );

  itInFull('an authorisation that is remembered on the socket, by a revocation under load', () =>
    finds(/after the revocation/, withBug(bugs.cachesAuthorisation), (world) =>
      revokeUnderLoad(world, 'certificate', 5000),
    ),
  );

  for (const [whose, victim] of [
    ['the puller', 'police-p'],
    ['the holder', 'regulator-r'],
  ] as const) {
    itInFull(`a certificate's end that open connections outlive, by a pull over it: ${whose}'s`, () =>
      finds(/under a certificate that had ended/, withBug(bugs.forgetsCertificateEnds), (world) =>
        expireWhilePulling(world, victim),
      ),
    );
  }

  itInFull('an answer that is not held against its request, by answers that change places', () =>
    finds(/taken for an acknowledgement|names another entry/, withBug(bugs.takesAnyAnswer), (world) =>
      swapAnswers(world, 5),
    ),
  );

  for (const bug of [bugs.answersBeforeCommit, bugs.skipsFsync]) {
    itInFull(`a ledger that ${bug.name}, by power cuts`, async () => {
      const own = await StoppablePostgres.create();
      try {
        const options = { ...withBug(bug), ownClusters: { 'police-p': own } };
        await finds(/does not have it|names another entry|not quiet|is not ready/, options, (world) =>
          cutPower(world, own, 12),
        );
      } finally {
        await own.remove();
      }
    });
  }
});
