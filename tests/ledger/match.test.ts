import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../src/core/ids.ts';
import type { EntryDraft, EntryRef } from '../../src/ledger/entry.ts';
import { verifyLedgers, type LedgerReport } from '../../src/ledger/verify.ts';
import { draft } from './drafts.ts';
import { SyntheticLog } from './synthetic-log.ts';

interface Act {
  readonly kind: string;
  readonly peer: string;
  readonly dir: 'in' | 'out';
  readonly mid: string;
  readonly counter?: EntryRef;
}

function act({ kind, peer, dir, mid, counter }: Act): EntryDraft {
  return draft({ kind, peer, pair: { peer, dir }, mid, ...(counter && { counter }) });
}

describe('two ledgers side by side', () => {
  let directory: string;
  let a: SyntheticLog;
  let b: SyntheticLog;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lianzheng-match-'));
    a = new SyntheticLog('bank-a');
    b = new SyntheticLog('police-b');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const offer = (mid: string) =>
    a.append(act({ kind: 'message.offered', peer: 'police-b', dir: 'out', mid }));
  const accept = (mid: string, counter?: EntryRef) =>
    b.append(act({ kind: 'message.accepted', peer: 'bank-a', dir: 'in', mid, ...(counter && { counter }) }));
  const acknowledge = (mid: string, counter: EntryRef) =>
    a.append(act({ kind: 'message.acknowledged', peer: 'police-b', dir: 'out', mid, counter }));

  async function verify(...more: string[]): Promise<LedgerReport> {
    const directories = [await a.export(join(directory, 'a')), await b.export(join(directory, 'b')), ...more];
    return verifyLedgers(directories, { ledgers: [a.trusted(), b.trusted()], registryDigests: new Map() });
  }

  function problems(report: LedgerReport): string[] {
    assert.equal(report.ok, false);
    assert.deepEqual(
      report.ledgers.flatMap((ledger) => ledger.failures),
      [],
    );
    return report.pairs.flatMap(({ failures }) =>
      failures.map((f) => `${f.class} ${f.member} ${f.index ?? '-'}`),
    );
  }

  it('confirms what both say, across tiles', async () => {
    for (let i = 0; i < 300; i++) {
      const mid = newId();
      acknowledge(mid, accept(mid, offer(mid)));
    }
    const report = await verify();
    assert.equal(report.ok, true, JSON.stringify(report.pairs));
    assert.deepEqual(report.pairs, [{ a: 'bank-a', b: 'police-b', matched: 600, open: 0, failures: [] }]);
  });

  it('calls a counterpart beyond the export open, not a disagreement', async () => {
    const mid = newId();
    const receipt = accept(mid, offer(mid));
    await b.export(join(directory, 'b'));
    const later = newId();
    acknowledge(mid, receipt);
    acknowledge(later, accept(later, offer(later)));
    await a.export(join(directory, 'a'));
    const directories = [join(directory, 'a'), join(directory, 'b')];
    const report = await verifyLedgers(directories, {
      ledgers: [a.trusted(), b.trusted()],
      registryDigests: new Map(),
    });
    assert.equal(report.ok, true, JSON.stringify(report.pairs));
    assert.equal(report.pairs[0]?.open, 1);
    assert.equal(report.pairs[0].matched, 2);
  });

  it('names an acceptance that the receiver took out of its ledger', async () => {
    const mid = newId();
    const receipt = accept(mid, offer(mid));
    acknowledge(mid, receipt);
    b = new SyntheticLog('police-b');
    b.append(act({ kind: 'status.answered', peer: 'bank-a', dir: 'in', mid }));
    assert.deepEqual(problems(await verify()), ['peer-disagrees bank-a 1']);
  });

  it('names an acceptance of something that was never offered', async () => {
    const mid = newId();
    const other = offer(newId());
    accept(mid, other);
    assert.deepEqual(problems(await verify()), ['peer-disagrees police-b 0']);
  });

  it('names an acceptance whose counter was offered to somebody else', async () => {
    const mid = newId();
    accept(mid, a.append(act({ kind: 'message.offered', peer: 'bank-c', dir: 'out', mid })));
    assert.deepEqual(problems(await verify()), ['peer-disagrees police-b 0']);
  });

  it('names an acknowledgement that points at a refusal', async () => {
    const mid = newId();
    const offered = offer(mid);
    const counter = b.append(
      act({ kind: 'exchange.refused', peer: 'bank-a', dir: 'in', mid, counter: offered }),
    );
    acknowledge(mid, counter);
    assert.deepEqual(problems(await verify()), ['peer-disagrees bank-a 1']);
  });

  it('finds the offer of an acceptance that names none, by its id', async () => {
    const mid = newId();
    offer(mid);
    accept(mid);
    const report = await verify();
    assert.equal(report.ok, true, JSON.stringify(report.pairs));
    assert.equal(report.pairs[0]?.matched, 1);
    accept(newId());
    assert.deepEqual(problems(await verify()), ['peer-disagrees police-b 1']);
  });

  it('names a fork when a peer holds another root for the same size', async () => {
    const mid = newId();
    const offered = offer(mid);
    const real = a;
    // The same first entry cannot be made twice, so the root that was shown to the peer differs.
    accept(mid, { ...offered, root: 'ab'.repeat(32) });
    a = real;
    assert.deepEqual(problems(await verify()), ['fork police-b 0']);
  });

  it('names a fork between two exports of one log', async () => {
    offer(newId());
    const twin = new SyntheticLog('bank-a');
    twin.append(draft(), draft());
    const other = await twin.export(join(directory, 'twin'));
    const trust = {
      ledgers: [{ ...a.trusted(), vkeys: [{ vkey: a.key.vkey }, { vkey: twin.key.vkey }] }],
      registryDigests: new Map(),
    };
    const report = await verifyLedgers([await a.export(join(directory, 'a')), other], trust);
    assert.deepEqual(
      report.pairs.flatMap((pair) => pair.failures.map((f) => f.class)),
      ['fork'],
    );
    a.append(draft());
    const earlier = join(directory, 'a');
    const later = await a.export(join(directory, 'later'));
    assert.equal((await verifyLedgers([earlier, later], trust)).ok, true);
  });
});
