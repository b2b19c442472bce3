import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../src/core/ids.ts';
import type { EntryDraft } from '../../src/ledger/entry.ts';
import { Sm3Tree, sm3LeafHash } from '../../src/ledger/tree/sm3-tree.ts';
import { verifyLedgers, type LedgerResult } from '../../src/ledger/verify.ts';
import { draft, offer } from './drafts.ts';
import { anchorsOf, entriesOf, sm3Root } from './sm3-naive.ts';
import { SyntheticLog } from './synthetic-log.ts';

describe('SM3 tree', () => {
  let directory: string;
  let exports = 0;

  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'lianzheng-sm3-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const drafts = (count: number): EntryDraft[] =>
    Array.from({ length: count }, (_, i) => (i % 3 === 0 ? offer('peer-1') : draft()));
  const anchored = (): SyntheticLog =>
    new SyntheticLog('bank-a', { every: 100, now: new Date('2026-11-23T03:00:00.000Z'), newId });

  async function exported(log: SyntheticLog): Promise<string> {
    return log.export(join(directory, String(exports++)));
  }

  async function verify(log: SyntheticLog, options = {}): Promise<LedgerResult> {
    const trust = { ledgers: [log.trusted()], registryDigests: new Map<number, string>() };
    const [result] = (await verifyLedgers([await exported(log)], trust, options)).ledgers;
    assert.ok(result);
    return result;
  }

  const found = ({ failures }: LedgerResult): string[] =>
    failures.map((failure) => `${failure.class} ${failure.tree ?? '-'} ${failure.index ?? '-'}`);

  it('uses the SM3 of GB/T 32905', () => {
    const vector = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0';
    assert.equal(createHash('sm3').update('abc').digest('hex'), vector);
  });

  it('has the root of RFC 6962 at every size, and goes on from its frontier', () => {
    const entries: Buffer[] = [];
    let tree = new Sm3Tree();
    for (let size = 0; size <= 300; size++) {
      assert.deepEqual(tree.root(), sm3Root(entries), `size ${size}`);
      tree = new Sm3Tree(size, tree.frontier());
      entries.push(Buffer.from(`entry ${size}`));
      tree.append(sm3LeafHash(`entry ${size}`));
    }
  });

  it('joins trees of equal size, and a rest', () => {
    const entries = Array.from({ length: 41 }, (_, i) => Buffer.from(`entry ${i}`));
    const joined = new Sm3Tree();
    for (let start = 0; start < entries.length; start += 8) {
      const part = new Sm3Tree();
      for (const entry of entries.slice(start, start + 8)) {
        assert.deepEqual(joined.rootWith(part.frontier()), sm3Root(entries.slice(0, start + part.size)));
        part.append(sm3LeafHash(entry.toString()));
      }
      joined.join(part.size, part.frontier());
    }
    assert.deepEqual(joined.root(), sm3Root(entries));
  });

  it('is anchored at every hundredth entry, however the batches fall', async () => {
    const log = anchored();
    for (const count of [1, 98, 1, 250, 99, 40]) log.append(...drafts(count));
    const entries = entriesOf(await exported(log));
    const anchors = anchorsOf(entries);
    assert.deepEqual(
      anchors.map(({ index, size }) => [index, size]),
      [100, 200, 300, 400].map((place) => [place, place]),
    );
    for (const { size, sm3 } of anchors) assert.equal(sm3, sm3Root(entries.slice(0, size)).toString('hex'));
    const result = await verify(log);
    assert.deepEqual(found(result), []);
    assert.deepEqual([result.sm3, result.anchors, result.unanchored], ['checked', 4, entries.length - 400]);
  });

  it('makes anchors that are entries of the gateway under the registry of the entry before', async () => {
    const log = anchored();
    log.append(...drafts(99), draft({ registry: { serial: 7, sha256: 'cd'.repeat(32) } }), draft());
    const anchor = JSON.parse(log.bodies[100] ?? '') as Record<string, unknown>;
    assert.equal(anchor['kind'], 'sm3-anchor');
    assert.equal(anchor['actor'], 'gateway');
    assert.equal(anchor['at'], '2026-11-23T03:00:00.000Z');
    assert.deepEqual(anchor['registry'], { serial: 7, sha256: 'cd'.repeat(32) });
    assert.equal(log.bodies.length, 102);
  });

  it('finds an anchor whose root is another', async () => {
    const log = anchored();
    log.append(...drafts(150));
    log.append(anchorDraft({ sm3: 'ab'.repeat(32), size: 151 }), ...drafts(60));
    const result = await verify(log);
    assert.deepEqual(found(result), ['root-mismatch sm3 151']);
    assert.match(result.failures[0]?.message ?? '', /SM3/);
    assert.deepEqual([result.anchors, result.unanchored], [3, 13]);
  });

  it('finds an anchor that claims another size, or says nothing', async () => {
    const rootOf = (log: SyntheticLog, size: number): string =>
      sm3Root(log.bodies.slice(0, size).map((body) => Buffer.from(body))).toString('hex');
    const wrong: ((log: SyntheticLog) => { sm3?: string; size?: number })[] = [
      (log) => ({ sm3: rootOf(log, 149), size: 149 }),
      (log) => ({ sm3: rootOf(log, 151), size: 149 }),
      (log) => ({ sm3: rootOf(log, 151) }),
      () => ({ size: 151 }),
    ];
    for (const subjectOf of wrong) {
      const log = anchored();
      log.append(...drafts(150));
      log.append(anchorDraft(subjectOf(log)));
      const result = await verify(log);
      assert.deepEqual(found(result), ['root-mismatch sm3 151']);
      assert.equal(result.unanchored, 52);
    }
  });

  it('takes anchors at other distances than ours, and none at all', async () => {
    const log = new SyntheticLog('bank-a');
    log.append(...drafts(37));
    assert.deepEqual((await verify(log)).unanchored, 37);
    const root = sm3Root(log.bodies.map((body) => Buffer.from(body))).toString('hex');
    log.append(anchorDraft({ sm3: root, size: 37 }), ...drafts(3));
    const result = await verify(log);
    assert.deepEqual([found(result), result.anchors, result.unanchored], [[], 1, 4]);
  });

  it('is not compared behind a missing entry, and not at all when asked', async () => {
    const log = anchored();
    log.append(...drafts(150));
    log.append(anchorDraft({ sm3: 'ab'.repeat(32), size: 151 }));
    const skipped = await verify(log, { sm3: false });
    assert.deepEqual([found(skipped), skipped.sm3, skipped.anchors], [[], 'skipped', 0]);

    const target = await exported(log);
    rmSync(join(target, 'tile/entries/000.p'), { recursive: true });
    const trust = { ledgers: [log.trusted()], registryDigests: new Map<number, string>() };
    const [result] = (await verifyLedgers([target], trust)).ledgers;
    assert.ok(result);
    assert.deepEqual([found(result)[0], result.anchors], ['gap - 0', 0]);
  });

  const anchorDraft = (subject: { sm3?: string; size?: number }): EntryDraft =>
    draft({ kind: 'sm3-anchor', subject: { type: 'sm3-tree', id: 'bank-a.example/ledger', ...subject } });
});
