/** Gateways killed with -9 at named points of an exchange, on each side of it. */
import assert from 'node:assert/strict';
import type { FaultWorld } from '../harness/fault-world.ts';
import type { Member } from '../harness/found-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { signedPacket, stateAtReceiver, transfer } from '../harness/packets.ts';
import { itInFull, times } from '../harness/run-mode.ts';
import { useSharedWorld } from '../harness/shared-world.ts';
import { dieUnderLoad, rearm } from '../harness/trials/trials.ts';

interface KillPoint {
  readonly victim: Member;
  readonly failpoint: string;
  /** Part of the short set. */
  readonly short?: true;
}

const receiving = (failpoint: string): KillPoint => ({ victim: 'police-p', failpoint });
const sending = (failpoint: string): KillPoint => ({ victim: 'bank-a', failpoint });

/** Passages after which it dies, one life each: an early one and one in the middle of load. */
const PASSAGES = [1, 7].slice(0, times(2, 1));
const PACKET_BYTES = 20 * 1024 * 1024;
const DEATH_MS = 30_000;

describe('a gateway killed with -9', function () {
  this.timeout(180_000);
  const world = useSharedWorld();

  const pushing: readonly KillPoint[] = [
    receiving('before-jti'),
    receiving('after-jti'),
    receiving('in-tx-after-business'),
    { ...receiving('in-tx-after-intake'), short: true },
    receiving('after-commit-before-settle'),
    receiving('before-batch-commit'),
    receiving('after-batch-commit'),
    { ...receiving('after-commit-before-answer'), short: true },
    receiving('answer-half'),
    sending('push-in-tx'),
    sending('push-after-commit'),
    sending('sender-after-claim'),
    { ...sending('sender-after-receipt-before-ack'), short: true },
    sending('sender-after-ack-before-settle'),
    sending('before-batch-commit'),
    sending('after-batch-commit'),
  ];
  for (const { victim, failpoint, short } of pushing) {
    (short === true ? it : itInFull)(`[P1 P2 P4] at ${failpoint}: ${victim}`, async () => {
      for (const passage of PASSAGES) await dieUnderLoad(world(), victim, `${failpoint}:${passage}`);
      await assertInvariants(world());
    });
  }

  const pulling: readonly KillPoint[] = [
    { victim: 'regulator-r', failpoint: 'sealed-before-commit' },
    receiving('part-written'),
    receiving('before-rename'),
    { ...receiving('after-rename-before-commit'), short: true },
  ];
  for (const { victim, failpoint, short } of pulling) {
    (short === true ? it : itInFull)(
      `[P1 P4 P11] at ${failpoint}: ${victim}, with a file of 20 MiB`,
      async () => {
        await rearm(world(), victim, `${failpoint}:1`);
        const isSealing = failpoint === 'sealed-before-commit';
        const packetId = await signedPacketOver(world(), isSealing);
        if (!isSealing) await transfer(world(), packetId);
        await world().gateway(victim).ended(DEATH_MS);
        await world().startAll();
        if (isSealing) await transferOnceSigned(world(), packetId);
        await assertInvariants(world());
        assert.equal(await stateAtReceiver(world(), packetId), 'received');
      },
    );
  }
});

/** The regulator dies while it seals: the last signature is answered by nobody, the packet is known by its row. */
async function signedPacketOver(world: FaultWorld, isDeadly: boolean): Promise<string> {
  if (!isDeadly) return signedPacket(world, PACKET_BYTES);
  await assert.rejects(signedPacket(world, PACKET_BYTES));
  const { rows } = await world.asAdministrator('regulator-r', (db) =>
    db.query<{ id: string }>(`SELECT id FROM packet WHERE state = 'sealing'`),
  );
  assert.equal(rows.length, 1, 'one packet was being sealed');
  return rows[0]!.id;
}

async function transferOnceSigned(world: FaultWorld, packetId: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await transfer(world, packetId)).outcome === 'ok') return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${packetId} was never sealed`);
}
