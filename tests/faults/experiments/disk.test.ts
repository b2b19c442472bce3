/** Disks that are full: of files, and of the database. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultWorld } from '../harness/fault-world.ts';
import { assertInvariants } from '../harness/invariants.ts';
import { signedPacket, stateAtReceiver, transfer, upload } from '../harness/packets.ts';
import { push, startPushing } from '../harness/pushes.ts';
import { itInFull, skipBecause } from '../harness/run-mode.ts';
import { mountSmallDisk, type SmallDisk } from '../harness/small-disk.ts';
import { StoppablePostgres } from '../harness/stoppable-postgres.ts';

const MIB = 1024 ** 2;
const FILES_MIB = 48;
const RESERVE = 16 * MIB;
const DATABASE_MIB = 160;

describe('a full disk', function () {
  this.timeout(300_000);
  let disk: SmallDisk | undefined;

  function diskOf(mebibytes: number, context: Mocha.Context): SmallDisk {
    disk = mountSmallDisk(mebibytes);
    return disk ?? skipBecause(context, 'mounting a tmpfs is not permitted here');
  }
  afterEach(() => {
    disk?.remove();
    disk = undefined;
  });

  itInFull(
    '[P9 P11] of the receiver of files: refused before the reserve, pulled once there is space',
    async function () {
      const small = diskOf(FILES_MIB, this);
      const { path } = small;
      const blobs = { dir: join(path, 'blobs'), quotaBytes: 1024 * MIB, reserveBytes: RESERVE };
      const world = await FaultWorld.open({ blobs: { 'police-p': blobs } });
      try {
        let refused:
          { readonly status: number; readonly body: Readonly<Record<string, unknown>> } | undefined;
        for (let count = 0; count < FILES_MIB && refused === undefined; count += 1) {
          const answer = await upload(world, 'police-p', randomBytes(2 * MIB));
          if (answer.status >= 300) refused = answer;
        }
        assert.equal(refused?.body['code'], 'blob.quota', JSON.stringify(refused));
        assert.ok(
          small.free() >= RESERVE - 2 * MIB,
          `${small.free()} bytes are left of a reserve of ${RESERVE}`,
        );

        const packetId = await signedPacket(world, 4 * MIB);
        await transfer(world, packetId);
        await sleep(4000);
        assert.notEqual(await stateAtReceiver(world, packetId), 'received', 'there was no room for it');
        assert.equal((await push(world, 'police-p')).outcome, 'ok', 'what needs no files goes on');
        small.fill(0);
        await upload(world, 'police-p', randomBytes(MIB)).then(({ status }) => assert.equal(status, 507));

        small.clear();
        await world.asAdministrator('police-p', (db) => db.query('SELECT 1'));
        await makeRoom(join(path, 'blobs'));
        await assertInvariants(world);
        assert.equal(await stateAtReceiver(world, packetId), 'received', 'it recovers without an operator');
      } finally {
        await world.close();
      }
    },
  );

  itInFull(
    '[P1 P4 P9] of a database: 503, no 2xx without an entry, and it goes on once there is space',
    async function () {
      const small = diskOf(DATABASE_MIB, this);
      const { path } = small;
      const settings = ['max_wal_size=8MB', 'min_wal_size=2MB'];
      const own = await StoppablePostgres.create({ parent: path, settings });
      const world = await FaultWorld.open({ ownClusters: { 'police-p': own } });
      try {
        const load = startPushing(world, 'bank-a');
        await sleep(1000);
        small.fill(0);
        const codes = new Set<string>();
        for (let tries = 0; tries < 60; tries += 1) {
          const { outcome, detail } = await push(world, 'police-p');
          if (outcome !== 'ok') codes.add(detail);
          if (codes.size > 0 && tries > 20) break;
          await sleep(50);
        }
        await load.stop();
        assert.ok(codes.size > 0, 'the disk was never full');
        for (const code of codes)
          assert.match(code, /^503 (ledger|storage)\.unavailable$/, 'it says that it cannot');
        small.clear();
        // As its service manager would: PostgreSQL ends itself when its WAL has no room.
        for (let tries = 0; !own.isUp && tries < 20; tries += 1) await own.start().catch(() => sleep(500));
        await assertInvariants(world);
        assert.equal((await push(world, 'police-p')).outcome, 'ok', 'it recovers without an operator');
      } finally {
        await world.close();
        await own.remove();
      }
    },
  );
});

/** An operator's archive would move old files away; the uploads of this test belong to no packet. */
async function makeRoom(directory: string): Promise<void> {
  const { readdir, rm, stat } = await import('node:fs/promises');
  for (const entry of await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await stat(path)).size === 2 * MIB) await rm(path);
  }
}
