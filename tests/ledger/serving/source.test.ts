import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLedger } from '../../../src/ledger/serving/export.ts';
import { openLedger, type Ledger } from '../../../src/ledger/ledger.ts';
import { prunedSource } from '../../../src/ledger/serving/pruned-source.ts';
import { databaseSource, remoteSource } from '../../../src/ledger/serving/source.ts';
import { Frontier, nodeHash } from '../../../src/ledger/tree/merkle.ts';
import { readTilePath } from '../../../src/ledger/tree/tiles.ts';
import { verifyLedgers } from '../../../src/ledger/verify.ts';
import { createTestDatabase, type TestDatabase } from '../../world/database.ts';
import { ledgerKey, MEMBER, offer, ORIGIN } from '../drafts.ts';

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

  it('refuses what ends at or below a minimum index, and nothing that the rest is proven by', async () => {
    const whole = databaseSource(world.database);
    const pruned = prunedSource(whole, 512);
    for (const path of [
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/001.p/255',
      'tile/0/000',
      'tile/0/001',
    ])
      assert.deepEqual(
        [await pruned.tile(path), (await whole.tile(path)) === undefined],
        [undefined, false],
        path,
      );
    for (const path of ['tile/entries/002.p/88', 'tile/0/002.p/88', 'tile/1/000.p/2'])
      assert.deepEqual(await pruned.tile(path), await whole.tile(path), path);
    assert.ok(
      (await prunedSource(whole, 511).tile('tile/entries/001')) !== undefined,
      'one entry of it is above',
    );
    assert.deepEqual(await pruned.checkpoint(), await whole.checkpoint());
    // The root from nothing but what is still served: two hashes of level 1 and the leaves of the right edge.
    const inner = (await pruned.tile('tile/1/000.p/2'))!;
    const leaves = (await pruned.tile('tile/0/002.p/88'))!;
    const hashes = (bytes: Buffer) =>
      Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
    const frontier = new Frontier(0, Buffer.alloc(0));
    for (const leaf of hashes(leaves)) frontier.append(leaf);
    const [left, right] = hashes(inner);
    const root = nodeHash(nodeHash(left!, right!), frontier.root());
    assert.equal(root.toString('hex'), (await ledger.latest()).root);
  });

  it('brings an export forward that was begun before the minimum index rose', async () => {
    const target = join(directory, 'mirror');
    await exportLedger(databaseSource(world.database), target);
    await exportLedger(prunedSource(databaseSource(world.database), 512), target);
    const ledgers = [{ member: MEMBER, origin: ORIGIN, vkeys: [{ vkey: key.vkey }] }];
    const report = await verifyLedgers([target], { ledgers, registryDigests: new Map() });
    assert.equal(report.ok, true, JSON.stringify(report));
  });

  it('says when the peer does not answer, and when the target cannot be written', async () => {
    const dead = remoteSource(() => Promise.resolve({ status: 503, body: Buffer.alloc(0) }));
    await assert.rejects(exportLedger(dead, join(directory, 'dead')), { code: 'exchange.peer-unreachable' });
    const file = join(directory, 'own', 'checkpoint');
    await assert.rejects(exportLedger(databaseSource(world.database), file), { code: 'storage.unavailable' });
  });
});
