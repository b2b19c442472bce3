import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../src/core/ids.ts';
import type { EntryRef } from '../../src/ledger/entry.ts';
import { verifyLedgers, type AuditKnowledge } from '../../src/ledger/verify.ts';
import { draft, offer } from './drafts.ts';
import { SyntheticLog } from './synthetic-log.ts';

describe('what an auditor knows beside the exports', () => {
  let directory: string;
  let a: SyntheticLog;
  let b: SyntheticLog;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lianzheng-seen-'));
    [a, b] = [new SyntheticLog('bank-a'), new SyntheticLog('police-b')];
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const noteOf = async (log: SyntheticLog): Promise<string> => (await log.source().checkpoint()).toString();

  async function verify(knowledge: AuditKnowledge, ...logs: SyntheticLog[]): Promise<string[]> {
    const directories = await Promise.all(logs.map((log) => log.export(join(directory, newId()))));
    return verifyExports(directories, knowledge);
  }

  async function verifyExports(directories: string[], knowledge: AuditKnowledge): Promise<string[]> {
    const trust = { ledgers: [a.trusted(), b.trusted()], registryDigests: new Map() };
    const { ok, ledgers, pairs } = await verifyLedgers(directories, trust, knowledge);
    const found = [...ledgers, ...pairs].flatMap(({ failures }) =>
      failures.map((f) => [f.class, f.index ?? '-', f.member ?? ''].join(' ').trim()),
    );
    assert.equal(ok, found.length === 0);
    return found;
  }

  describe('kept checkpoints', () => {
    it('are quiet about a log that has only grown', async () => {
      const seen = [await noteOf(a)];
      for (let i = 0; i < 300; i += 1) {
        a.append(draft());
        if (i % 50 === 0) seen.push(await noteOf(a));
      }
      seen.push(await noteOf(a));
      assert.deepEqual(await verify({ seen }, a, b), []);
    });

    it('show a log that was cut or written anew behind the auditor', async () => {
      a.append(draft(), draft());
      const short = await a.export(join(directory, 'short'));
      a.append(draft());
      const seen = [await noteOf(a)];
      assert.deepEqual(await verifyExports([short], { seen }), ['fork -']);
      const trust = { ledgers: [a.trusted()], registryDigests: new Map() };
      const [result] = (await verifyLedgers([short], trust, { seen })).ledgers;
      assert.match(result?.failures[0]?.message ?? '', /signed a checkpoint of size 3, its export ends at 2/);
      a.append(draft());
      assert.deepEqual(await verify({ seen }, a), []);
      const anew = new SyntheticLog('bank-a');
      Object.assign(anew, { key: a.key });
      anew.append(draft(), draft(), draft(), draft());
      assert.deepEqual(await verify({ seen }, anew), ['fork -']);
    });

    it('are refused when the log has not signed them, or its export is not there', async () => {
      a.append(draft());
      const note = await noteOf(a);
      const stranger = new SyntheticLog('bank-a');
      stranger.append(draft());
      const seen = [await noteOf(stranger)];
      await assert.rejects(verify({ seen }, a), { code: 'ledger.proof-invalid' });
      await assert.rejects(verify({ seen: [note] }, b), { code: 'config.invalid' });
      await assert.rejects(verify({ seen: ['nothing'] }, a), { code: 'ledger.note-invalid' });
    });
  });

  describe('a time before which no export was made', () => {
    const accept = (counter: EntryRef, mid: string, at: string): void => {
      const pair = { peer: 'bank-a', dir: 'in' } as const;
      b.append(draft({ at, kind: 'message.accepted', peer: 'bank-a', pair, mid, counter }));
    };
    const at = (time: string): string => `2026-07-01T${time}.000Z`;

    it('turns an older receipt beyond the end of an export into a fork', async () => {
      a.append(draft({ at: at('07:00:00') }));
      const early = await a.export(join(directory, 'early'));
      const mid = newId();
      b.append(draft({ at: at('07:30:00') }));
      accept(a.append({ ...offer('police-b', mid), at: at('08:00:00') }), mid, at('08:00:00'));
      const later = newId();
      accept(a.append({ ...offer('police-b', later), at: at('11:00:00') }), later, at('11:00:00'));
      const exports = [early, await b.export(join(directory, 'b'))];
      assert.deepEqual(await verifyExports(exports, {}), [], 'the export may simply be older');
      const asOf = (time: string): AuditKnowledge => ({ asOf: new Date(at(time)) });
      assert.deepEqual(await verifyExports(exports, asOf('07:30:00')), []);
      assert.deepEqual(await verifyExports(exports, asOf('08:01:59')), [], 'clocks differ');
      assert.deepEqual(await verifyExports(exports, asOf('08:02:01')), ['fork 1 police-b']);
      assert.deepEqual(await verifyExports(exports.reverse(), asOf('08:02:01')), ['fork 1 police-b']);
    });

    it('is at least the time of the last entry of an export', async () => {
      a.append(draft({ at: at('09:00:00') }));
      const mid = newId();
      const ref = { origin: a.origin, index: 1, leaf: 'ab'.repeat(32) };
      accept(ref, mid, at('08:58:01'));
      assert.deepEqual(await verify({}, a, b), []);
      b = new SyntheticLog('police-b');
      accept(ref, mid, at('08:57:59'));
      assert.deepEqual(await verify({}, a, b), ['fork 0 police-b']);
      assert.deepEqual(await verify({}, b, a), ['fork 0 police-b']);
    });

    it('holds for a receipt whose checkpoint is larger than the export although its entry is there', async () => {
      const mid = newId();
      const offered = a.append({ ...offer('police-b', mid), at: at('08:00:00') });
      accept({ ...offered, size: 5, root: 'cd'.repeat(32) }, mid, at('08:00:00'));
      assert.deepEqual(await verify({}, a, b), []);
      assert.deepEqual(await verify({ asOf: new Date(at('10:00:00')) }, a, b), ['fork 0 police-b']);
    });
  });
});
