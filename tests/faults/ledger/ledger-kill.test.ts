/**
 * Processes, connections and the server die while entries are written. Afterwards nothing that was confirmed is missing,
 * nothing stands twice, and the log verifies from its public data and extends every checkpoint it showed before.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { testCluster } from '../../world/database.ts';
import { itInFull, times } from '../harness/run-mode.ts';
import type { Appenders } from './appenders.ts';
import { batchProxy, type BatchStep } from './batch-proxy.ts';
import { createCrashingPostgres } from './crashing-postgres.ts';
import { FaultyLog } from './faulty-log.ts';

/** Lease, follower's pace and the caller's own retry. */
const TAKE_OVER_MS = 8000;
const KILLS = times(200, 30);

describe('a log whose processes die', function () {
  this.timeout(120_000);
  let log: FaultyLog;

  beforeEach(async () => {
    log = await FaultyLog.create(await testCluster());
  });
  afterEach(() => log.close());

  async function goesOn(): Promise<void> {
    await log.expireLease();
    const next = log.start();
    await next.confirms(50);
    await next.stop();
    await log.assertSound();
  }

  async function sizeOf(): Promise<number> {
    const { rows } = await log.asAdministrator((db) =>
      db.query<{ size: string }>('SELECT size FROM ledger_head'),
    );
    return Number(rows[0]?.size);
  }

  /** Waits until some session of the log's database waits for a lock while it runs `statement`. */
  async function untilWaiting(observer: pg.Client, statement: string): Promise<void> {
    for (let tries = 0; tries < 1000; tries += 1) {
      const { rowCount } = await observer.query(
        `SELECT 1 FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`,
        [`%${statement}%`],
      );
      if ((rowCount ?? 0) > 0) return;
      await sleep(10);
    }
    throw new Error(`nobody waits in ${statement}`);
  }

  describe('killed with -9 at a step of a batch', () => {
    it('[P1 P4] before it has read the head', async () => {
      const victim = log.start();
      await victim.confirms(50);
      await log.asAdministrator(async (blocker) => {
        await log.asAdministrator(async (observer) => {
          await blocker.query('BEGIN; SELECT 1 FROM ledger_head FOR UPDATE');
          await untilWaiting(observer, 'FROM ledger_head');
          await victim.kill();
          await blocker.query('COMMIT');
        });
      });
      await log.assertSound();
      await goesOn();
    });

    const steps: readonly [string, BatchStep][] = [
      ['after reading, before the write', 'write'],
      ['between the write and COMMIT', 'commit'],
      ['after COMMIT, before anybody was released', 'answer'],
    ];
    for (const [name, step] of steps) {
      it(`[P1 P4] ${name}`, async () => {
        const proxy = await batchProxy(log.url);
        try {
          const victim = log.start(log.prepare(), proxy.url);
          await victim.confirms(50);
          await proxy.holdAt(step);
          const before = await sizeOf();
          const confirmed = victim.confirmed.length;
          await victim.kill();
          assert.equal(victim.confirmed.length, confirmed, 'nobody was released');
          const isCommitted = before > Math.max(...victim.confirmed.map(({ index }) => index)) + 1;
          assert.equal(isCommitted, step === 'answer', 'the step is the one that was meant');
          await log.assertSound();
          await goesOn();
        } finally {
          await proxy.close();
        }
      });
    }

    it('[P1 P4] while the server is in COMMIT', async () => {
      await log.asAdministrator(async (blocker) => {
        await blocker.query(`
          CREATE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END $$;
          CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON ledger_checkpoint
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_commit()`);
        const victim = log.start();
        await victim.confirms(50);
        await log.asAdministrator(async (observer) => {
          await blocker.query('SELECT pg_advisory_lock(7)');
          await untilWaiting(observer, 'COMMIT');
          await victim.kill();
          await log.assertSound();
          await blocker.query('SELECT pg_advisory_unlock(7)');
        });
      });
      await goesOn();
    });
  });

  it(`[P1 P4] ${KILLS} times at random under load`, async function () {
    this.timeout(600_000);
    let standby = log.prepare();
    let lives = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const victim = log.start(standby);
      standby = log.prepare();
      await victim.opened;
      // Half of them at work, whatever the machine's pace; the others wherever they are.
      if (kill % 2 === 0) await victim.confirms(1 + Math.floor(Math.random() * 40));
      await sleep(Math.random() * 60);
      await victim.kill();
      if (victim.confirmed.length > 0) lives += 1;
      await log.expireLease();
      if (kill % 40 === 39 || kill === KILLS - 1) await log.assertSound();
      else await log.assertKept();
    }
    log.start(standby);
    await standby.confirms(50);
    await standby.stop();
    await log.assertSound();
    assert.ok(
      lives >= KILLS / 2,
      `only ${lives} of ${KILLS} processes had confirmed something when they died`,
    );
  });

  itInFull('[P1 P4] with the server itself, stopped at once and started again', async () => {
    const postgres = await createCrashingPostgres();
    try {
      await postgres.start();
      log = await FaultyLog.create(postgres);
      const [one, two] = [log.start(), log.start()];
      for (let crash = 0; crash < 4; crash += 1) {
        await Promise.all([one.confirms(100), two.confirms(100)]);
        await sleep(Math.random() * 50);
        await postgres.crash();
        await postgres.start();
        await log.assertSound();
      }
      await Promise.all([one.confirms(100), two.confirms(100)]);
      await Promise.all([one.stop(), two.stop()]);
      await log.assertSound();
    } finally {
      await log.close();
      await postgres.crash();
    }
  });

  it('[P1 P4] when connections are cut during COMMIT', async () => {
    const proxy = await batchProxy(log.url);
    try {
      const process = log.start(log.prepare(), proxy.url);
      for (const step of ['commit', 'answer', 'commit', 'answer'] as const) {
        await process.confirms(50);
        await proxy.holdAt(step);
        proxy.cut();
        await log.assertSound();
      }
      await process.confirms(50);
      await process.stop();
      await log.assertSound();
    } finally {
      await proxy.close();
    }
  });

  describe('of two, the leading one', () => {
    let leader: Appenders;
    let follower: Appenders;

    async function startTwo(url = log.url): Promise<void> {
      leader = log.start(log.prepare(), url);
      await leader.confirms(50);
      follower = log.start();
      await follower.confirms(50);
    }

    it('[P1 P4] killed with -9: the other one takes over within the lease', async () => {
      await startTwo();
      await leader.kill();
      await follower.confirms(1000, TAKE_OVER_MS);
      await log.assertSound();
      await follower.stop();
      await log.assertSound();
    });

    itInFull('[P1 P4] paused: the other one takes over, and nothing forks when it wakes', async () => {
      await startTwo();
      for (let round = 0; round < 2; round += 1) {
        leader.pause();
        await follower.confirms(1000, TAKE_OVER_MS);
        await log.assertSound();
        leader.resume();
        await Promise.all([leader.confirms(50), follower.confirms(50)]);
        await log.assertSound();
        [leader, follower] = [follower, leader];
      }
      await Promise.all([leader.stop(), follower.stop()]);
      await log.assertSound();
    });

    itInFull('[P1 P4] paused in the middle of a batch, with the head locked', async () => {
      const proxy = await batchProxy(log.url);
      try {
        await startTwo(proxy.url);
        await proxy.holdAt('write');
        leader.pause();
        await follower.confirms(1000, TAKE_OVER_MS);
        await log.assertSound();
        leader.resume();
        proxy.cut();
        await Promise.all([leader.confirms(50), follower.confirms(50)]);
        await log.assertSound();
      } finally {
        await proxy.close();
      }
    });
  });
});
