import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLedger } from '../../src/ledger/export.ts';
import { openLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { databaseSource, remoteSource } from '../../src/ledger/source.ts';
import { readTilePath } from '../../src/ledger/tree/tiles.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { createTestDatabase, type TestDatabase } from '../world/database.ts';
import { ledgerKey, MEMBER, offer, ORIGIN } from './drafts.ts';

const SIZE = 600;

describe('tiles of a database', () => {
  const key = ledgerKey(ORIGIN);
  let world: TestDatabase;
  let ledger: Ledger;
  let directory: string;

  before(async () => {
    world = await createTestDatabase();
    const { database } = world;
    ledger = await openLedger({ database, member: MEMBER, origin: ORIGIN, key, clock: () => new Date() });
    const last = await database.transaction(async (tx) => {
      for (let i = 1; i < SIZE; i++) await ledger.append(tx, offer('bank-b'));
      return ledger.append(tx, offer('bank-b'));
    });
    await ledger.settle(last);
    directory = mkdtempSync(join(tmpdir(), 'lianzheng-source-'));
  });
  after(async () => {
    await ledger.close();
    await world.close();
    rmSync(directory, { recursive: true });
  });

  it('exports what verifies, first to last', async () => {
    const seen: string[] = [];
    const target = join(directory, 'own');
    const exported = await exportLedger(databaseSource(world.database), target, ({ done, total }) =>
      seen.push(`${done}/${total}`),
    );
    assert.equal(exported.size, SIZE);
    assert.equal(exported.root, (await ledger.latest()).root);
    assert.equal(seen.at(-1), '7/7');
    assert.ok(existsSync(join(target, 'tile/1/000.p/2')));
    const ledgers = [{ member: MEMBER, origin: ORIGIN, vkeys: [{ vkey: key.vkey }] }];
    const report = await verifyLedgers([target], { ledgers, registryDigests: new Map() });
    assert.equal(report.ok, true, JSON.stringify(report));
  });

  it('serves full and partial tiles, and none that the log has not', async () => {
    const source = databaseSource(world.database);
    assert.equal((await source.tile('tile/0/001'))?.length, 8192);
    assert.equal((await source.tile('tile/0/002.p/88'))?.length, 88 * 32);
    assert.equal((await source.tile('tile/0/002.p/3'))?.length, 3 * 32);
    assert.equal((await source.tile('tile/1/000.p/2'))?.length, 2 * 32);
    const absent = [
      'tile/0/002',
      'tile/0/002.p/89',
      'tile/0/003.p/1',
      'tile/1/000',
      'tile/2/000.p/1',
      'tile/0/0',
    ];
    for (const path of absent) assert.equal(await source.tile(path), undefined, path);
  });

  it('exports the same files from a peer over any transport', async () => {
    const source = databaseSource(world.database);
    const remote = remoteSource(async (path) => {
      const body = readTilePath(path) ? await source.tile(path) : await source.checkpoint();
      return body === undefined ? { status: 404, body: Buffer.alloc(0) } : { status: 200, body };
    });
    const target = join(directory, 'remote');
    await exportLedger(remote, target);
    for (const file of ['checkpoint', 'tile/entries/000', 'tile/0/002.p/88', 'tile/1/000.p/2']) {
      assert.deepEqual(readFileSync(join(target, file)), readFileSync(join(directory, 'own', file)), file);
    }
  });

  it('says when the peer does not answer, and when the target cannot be written', async () => {
    const dead = remoteSource(() => Promise.resolve({ status: 503, body: Buffer.alloc(0) }));
    await assert.rejects(exportLedger(dead, join(directory, 'dead')), { code: 'exchange.peer-unreachable' });
    const file = join(directory, 'own', 'checkpoint');
    await assert.rejects(exportLedger(databaseSource(world.database), file), { code: 'storage.unavailable' });
  });
});
