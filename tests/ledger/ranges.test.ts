import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { newId } from '../../src/core/ids.ts';
import type { EntryDraft } from '../../src/ledger/entry.ts';
import { checkpointText } from '../../src/ledger/notes/checkpoint.ts';
import { signNote } from '../../src/ledger/notes/note.ts';
import { leafHash } from '../../src/ledger/tree/merkle.ts';
import { verifyLedgers, type LedgerReport, type VerifyOptions } from '../../src/ledger/verify.ts';
import { ScanThread } from '../../src/ledger/audit/threads/thread.ts';
import { AlteredExport } from './altered-export.ts';
import { draft } from './drafts.ts';
import { SyntheticLog } from './synthetic-log.ts';

const worker = new URL('./range-worker.mjs', import.meta.url);
const SEAMS = [0, 1, 254, 255, 256, 257, 511, 512, 513, 767, 768, 1023, 1024];
const WHOLE: VerifyOptions = { threads: 1, tuning: { rangeEntries: 2 ** 40 } };
const IN_THREADS: VerifyOptions = { threads: 2, tuning: { rangeEntries: 256, threadsOnly: true, worker } };

describe('ranges of an audit', () => {
  const anchors = { every: 100, now: new Date('2026-11-23T03:00:00.000Z'), newId };
  const a = new SyntheticLog('bank-a', anchors);
  const b = new SyntheticLog('police-b', anchors);
  let directory: string;
  let exports = 0;

  /** Offers and acceptances of each other, some that name no counter, and acts that concern nobody. */
  before(() => {
    for (let i = 0; i < 350; i++) {
      const mid = newId();
      const offered = a.append(act('message.offered', 'police-b', { mid }));
      const accepted = b.append(
        act('message.accepted', 'bank-a', { mid, ...(i % 7 !== 0 && { counter: offered }) }),
      );
      if (i % 40 === 9)
        b.append(act('message.accepted', 'bank-a', { mid: newId(), counter: { ...offered, index: i } }));
      if (i % 50 === 3) b.append(act('message.accepted', 'bank-a', { mid: newId() }));
      a.append(draft(), act('message.acknowledged', 'police-b', { mid, counter: accepted }));
    }
    assert.ok(a.bodies.length > 1024);
  });
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'lianzheng-ranges-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  function act(kind: string, peer: string, more: Partial<EntryDraft>): EntryDraft {
    const dir = kind === 'message.accepted' ? 'in' : 'out';
    return draft({ kind, peer, pair: { peer, dir }, ...more });
  }

  const place = (): string => join(directory, String(exports++));

  async function audit(directories: string[], options: VerifyOptions): Promise<LedgerReport> {
    const trust = {
      ledgers: [a.trusted(), b.trusted()],
      registryDigests: new Map([[1, 'ab'.repeat(32)]]),
    };
    return verifyLedgers(directories, trust, options);
  }

  /** Every division must tell what the undivided audit tells, in the same words. */
  async function compare(directories: string[]): Promise<LedgerReport> {
    const whole = await audit(directories, WHOLE);
    for (const rangeEntries of [256, 512]) {
      const divided = await audit(directories, { threads: 1, tuning: { rangeEntries } });
      assert.deepEqual(divided, whole);
    }
    return whole;
  }

  const alterations: Record<string, (log: AlteredExport, index: number) => AlteredExport> = {
    'body edited': (log, i) => log.editBody(i),
    'hash edited': (log, i) => log.editHash(0, i),
    'body and hash edited': (log, i) => log.rewrite(i),
    'hash edited, and the next body': (log, i) => log.editHash(0, i).editBody(i + 1),
    'three hashes edited': (log, i) =>
      log
        .editHash(0, i)
        .editHash(0, i + 1)
        .editHash(0, i + 2),
    'hashes edited, a body between': (log, i) =>
      log
        .editHash(0, i)
        .rewrite(i + 1)
        .editHash(0, i + 2),
    'entry gone': (log, i) => log.removeFromBundle(i),
    'entries swapped': (log, i) => log.swap(i, i + 1),
    'not canonical': (log, i) => log.setBody(i, ` ${log.body(i)}`),
    'another member': (log, i) => log.setBody(i, log.body(i).replace('bank-a', 'bank-z')),
    'another registry': (log, i) => log.setBody(i, log.body(i).replace('abababab', 'cdcdcdcd')),
    'another seq': (log, i) => log.setBody(i, log.body(i).replace(/"seq":\d+/, '"seq":9999')),
    'another pair counter': (log, i) => log.setBody(i, log.body(i).replace(/"n":\d+/, '"n":7')),
    'another pair.prev': (log, i) =>
      log.setBody(
        i,
        log.body(i).replace(/("peer":"police-b","prev":)"[0-9a-f]{64}"/, `$1"${'0'.repeat(64)}"`),
      ),
    'another counter leaf': (log, i) =>
      log.setBody(i, log.body(i).replace(/"leaf":"[0-9a-f]{8}/, '"leaf":"00000000')),
    'another counter root': (log, i) =>
      log.setBody(i, log.body(i).replace(/"root":"[0-9a-f]{8}/, '"root":"00000000')),
    'another SM3 root': (log, i) =>
      log.setBody(i, log.body(i).replace(/"sm3":"[0-9a-f]{8}/, '"sm3":"00000000')),
    'hash tile cut': (log, i) => log.cutHashes(i),
    'hash tile gone': (log, i) => log.drop(log.path(0, i)),
    'bundle gone': (log, i) => log.drop(log.path('entries', i)),
    'bundle and hash tile gone': (log, i) => log.drop(log.path('entries', i)).drop(log.path(0, i)),
    'bytes behind a bundle': (log, i) => log.append(i, '{}'),
    'hash of a higher tile edited': (log, i) => log.editHash(1, Math.min(3, Math.floor(i / 256))),
  };
  const names = Object.keys(alterations);
  const apply = (log: AlteredExport, name: string, index: number): AlteredExport =>
    alterations[name]!(log, index);

  for (const name of names) {
    it(`tell the same in any division: ${name}`, async () => {
      const directories = [await b.export(place())];
      for (const index of [0, 255, 256]) {
        directories.push(apply(await AlteredExport.of(a), name, index).write(place()));
      }
      assert.equal((await compare(directories)).checked, true);
    });
  }

  it('tell the same in any division: the last entry', async () => {
    const last = a.bodies.length - 1;
    for (const name of [
      'body edited',
      'hash edited',
      'body and hash edited',
      'entry gone',
      'not canonical',
    ]) {
      const altered = apply(await AlteredExport.of(a), name, last).write(place());
      const whole = await compare([altered]);
      assert.notDeepEqual(whole.ledgers[0]?.failures, [], name);
    }
  });

  it('tell the same in any division: checkpoints', async () => {
    const root = leafHash('other');
    for (const size of [0, 1, 256, 512, 1000, 2 ** 50]) {
      const note = signNote(checkpointText({ origin: a.origin, size, root }), a.key);
      const whole = await compare([(await AlteredExport.of(a)).setCheckpoint(note).write(place())]);
      assert.equal(whole.ok, false);
    }
  });

  it('tell the same in threads: whole ledgers, each altered somewhere, all at once', async () => {
    const directories = [await b.export(place())];
    for (const name of names) {
      for (const index of [255, 1023]) {
        directories.push(apply(await AlteredExport.of(a), name, index).write(place()));
      }
    }
    const whole = await audit(directories, WHOLE);
    assert.deepEqual(await audit(directories, IN_THREADS), whole);
    assert.equal(whole.checked, true);
    const classes = new Set(
      [...whole.ledgers, ...whole.pairs].flatMap(({ failures }) => failures.map((failure) => failure.class)),
    );
    assert.deepEqual([...classes].sort(), [
      'chain-broken',
      'entry-altered',
      'fork',
      'gap',
      'peer-disagrees',
      'root-mismatch',
      'tile-mismatch',
    ]);
  });

  it('tell the same in threads: many alterations in one ledger', async () => {
    const index = fc.oneof(fc.constantFrom(...SEAMS), fc.nat(a.bodies.length - 4));
    const several = fc.array(fc.tuple(fc.constantFrom(...names), index), { minLength: 2, maxLength: 8 });
    const directories: string[] = [];
    for (const edits of fc.sample(several, 40)) {
      let altered = await AlteredExport.of(a);
      for (const [name, at] of edits) altered = apply(altered, name, at);
      directories.push(altered.write(place()));
    }
    const whole = await audit(directories, WHOLE);
    for (const rangeEntries of [256, 512]) {
      assert.deepEqual(await audit(directories, { threads: 1, tuning: { rangeEntries } }), whole);
    }
    assert.deepEqual(await audit(directories, IN_THREADS), whole);
  });

  it('report progress in order, to the end', async () => {
    const seen: number[] = [];
    const report = await audit([await a.export(place())], {
      ...IN_THREADS,
      onProgress: ({ done }) => seen.push(done),
    });
    assert.equal(report.ok, true, JSON.stringify(report.ledgers[0]));
    assert.deepEqual(seen, [256, 512, 768, 1024, a.bodies.length]);
  });

  it('survive a thread that breaks off, and say that the ledger was not checked', async () => {
    const dying = place();
    writeFileSync(
      `${dying}.mjs`,
      `import { parentPort } from 'node:worker_threads';
       parentPort.on('message', () => process.exit(3));
       parentPort.postMessage('ready');`,
    );
    const directories = [await a.export(place()), await b.export(place())];
    const tuning = { rangeEntries: 256, threadsOnly: true, worker: new URL(`file://${dying}.mjs`) };
    const report = await audit(directories, { threads: 1, tuning });
    assert.equal(report.checked, false);
    assert.match(report.ledgers[0]?.problem ?? '', /thread of the audit broke off: exit code 3/);
    assert.equal(report.ledgers[1]?.problem, undefined);
  });

  it('are all scanned here when no thread can be started', async () => {
    const tuning = { rangeEntries: 256, threadsOnly: true, worker: new URL('file:///nowhere.mjs') };
    const report = await audit([await a.export(place())], { threads: 2, tuning });
    assert.equal(report.ok, true);
  });

  it('start threads from the compiled program', async function () {
    const compiled = new URL('../../dist/src/ledger/audit/threads/range-worker.js', import.meta.url);
    if (!existsSync(compiled)) this.skip();
    const plan = { ledgers: [], registryDigests: new Map<number, string>(), sm3: true };
    await using thread = new ScanThread(plan, compiled);
    assert.equal(await thread.started, true);
  });

  it('name what cannot be read, in threads as here', async () => {
    const target = await a.export(place());
    rmSync(join(target, 'tile/entries/002'));
    mkdirSync(join(target, 'tile/entries/002'));
    for (const options of [WHOLE, IN_THREADS]) {
      const report = await audit([target], options);
      assert.equal(report.checked, false);
      assert.match(report.ledgers[0]?.problem ?? '', /EISDIR/);
    }
  });
});
