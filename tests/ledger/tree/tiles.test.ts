import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countTiles, readTilePath, tileAt, tilePath, tilesOf } from '../../../src/ledger/tree/tiles.ts';

describe('tile paths', () => {
  it('groups digits as C2SP does', () => {
    assert.equal(tilePath({ level: 0, index: 1234067, width: 256 }), 'tile/0/x001/x234/067');
    assert.equal(tilePath({ level: 'entries', index: 273, width: 112 }), 'tile/entries/273.p/112');
    assert.equal(tilePath({ level: 2, index: 0, width: 1 }), 'tile/2/000.p/1');
  });

  it('reads back what it writes, and only that', () => {
    const tiles = fc.record({
      level: fc.oneof(fc.nat(63), fc.constant('entries' as const)),
      index: fc.nat(2 ** 40),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(fc.property(tiles, (tile) => assert.deepEqual(readTilePath(tilePath(tile)), { ...tile })));
    const wrong = [
      'tile/0/0',
      'tile/00/000',
      'tile/64/000',
      'tile/0/x000/001',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/01',
      'tile/data/000',
      '../tile/0/000',
      'tile/0/000/',
      'checkpoint',
      '',
    ];
    for (const path of wrong) assert.equal(readTilePath(path), undefined, path);
  });

  it('lists what a log of 70,000 entries implies', () => {
    const tiles = [...tilesOf(70_000)];
    const last = (level: number | 'entries') => tiles.filter((tile) => tile.level === level).at(-1);
    assert.deepEqual(last('entries'), { level: 'entries', index: 273, width: 112 });
    assert.deepEqual(last(0), { level: 0, index: 273, width: 112 });
    assert.deepEqual(last(1), { level: 1, index: 1, width: 17 });
    assert.deepEqual(last(2), { level: 2, index: 0, width: 1 });
    assert.equal(last(3), undefined);
    assert.equal(countTiles(70_000), tiles.length);
    assert.deepEqual(tileAt(1, 1, 70_000), last(1));
    assert.equal(tileAt(1, 2, 70_000), undefined);
    assert.equal(countTiles(0), 0);
  });
});
