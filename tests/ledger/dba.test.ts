/** A database administrator against the ledger of one of two members; what verification says of it each time. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { verifyLedgers, type AuditKnowledge, type Failure } from '../../src/ledger/verify.ts';
import { draft } from './drafts.ts';
import { cutTail, rewriteLog } from './rewrite-log.ts';
import { exchange, LedgerMember } from './two-members.ts';

/** Each is two entries of bank-a, offered and acknowledged, and one of police-b. */
const MESSAGES = 8;
const DAY_1 = '2026-07-01T08:00:00.000Z';
const DAY_2 = '2026-07-02T08:00:00.000Z';
const NOON_2 = new Date('2026-07-02T12:00:00.000Z');

describe("a database administrator against a member's ledger", () => {
  let directory: string;
  let a: LedgerMember;
  let b: LedgerMember;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'lianzheng-dba-'));
    [a, b] = [new LedgerMember('bank-a'), new LedgerMember('police-b')];
    await a.create();
    await b.create();
    for (let i = 0; i < MESSAGES; i += 1) await exchange(a, b, DAY_1);
    assert.deepEqual(await together(), []);
  });
  afterEach(async () => {
    await a.stop();
    await b.stop();
    rmSync(directory, { recursive: true });
  });

  /** The chain of bank-a alone: hashes, tree, counters and signature. */
  async function alone(knowledge?: AuditKnowledge): Promise<string[]> {
    const trust = { ledgers: [a.trusted()], registryDigests: new Map() };
    const report = await verifyLedgers([await a.export(directory)], trust, knowledge);
    assert.equal(report.checked, true);
    return report.ledgers.flatMap(({ failures }) => failures.map(named));
  }

  /** Both ledgers side by side: what stands in one against the other. */
  async function together(knowledge?: AuditKnowledge): Promise<string[]> {
    const trust = { ledgers: [a.trusted(), b.trusted()], registryDigests: new Map() };
    const exports = [await a.export(directory), await b.export(directory)];
    const { ledgers, pairs, ok } = await verifyLedgers(exports, trust, knowledge);
    const found = [...ledgers, ...pairs].flatMap(({ failures }) => failures.map(named));
    assert.equal(ok, found.length === 0);
    return found;
  }

  function named({ class: name, index, member }: Failure): string {
    return [name, index ?? '-', ...(member === undefined ? [] : [`of ${member}`])].join(' ');
  }

  const administer = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => a.asAdministrator(work);

  it('is named by the entry when a row was edited', async () => {
    await administer((db) =>
      db.query(
        `UPDATE ledger_entry SET body = replace(body, '"actor":"system"', '"actor":"nobody"') WHERE seq = 5`,
      ),
    );
    assert.deepEqual(await alone(), ['entry-altered 5']);
  });

  it('is named by the gap when a row in the middle was deleted', async () => {
    await administer((db) => db.query('DELETE FROM ledger_entry WHERE seq = 5'));
    assert.deepEqual((await alone())[0], 'gap 5');
  });

  it('is named by the first of the two when two rows were swapped', async () => {
    await administer((db) =>
      db.query(`UPDATE ledger_entry AS e SET body = o.body, leaf = o.leaf
                FROM ledger_entry AS o WHERE e.seq IN (5, 6) AND o.seq = 11 - e.seq`),
    );
    const found = await alone();
    assert.deepEqual(found[0], 'gap 5');
    assert.ok(found.includes('chain-broken 5') && found.includes('root-mismatch -'), found.join());
  });

  it('is named by the gap when the tail was deleted and the checkpoint left', async () => {
    await administer((db) => db.query('DELETE FROM ledger_entry WHERE seq >= 12'));
    assert.deepEqual((await alone())[0], 'gap 12');
  });

  describe('who leaves a log that is whole in itself', () => {
    it('is named by the first receipt that lies beyond a tail cut at an old checkpoint', async () => {
      const kept = await a.checkpoint();
      await a.stop();
      await administer((db) => cutTail(db, 12));
      await a.start();
      assert.deepEqual(await alone(), [], 'the chain alone shows nothing');
      // Nobody knows yet that the export is not simply an old one.
      assert.deepEqual(await together(), []);
      assert.deepEqual(await together({ asOf: NOON_2 }), ['fork 6 of police-b']);
      assert.deepEqual(await alone({ seen: [kept] }), ['fork -']);
      // One act later the log itself says that it is not.
      await a.append(draft({ at: DAY_2 }));
      assert.deepEqual(await alone(), []);
      assert.deepEqual(await together(), ['peer-disagrees 6 of police-b', 'fork 7 of police-b']);
    });

    it('is named by receipts when everything was hashed and signed again with the own key', async () => {
      const kept = await a.checkpoint();
      await a.stop();
      await administer((db) =>
        rewriteLog(db, a, (act, index) => (index === 6 ? { ...act, purpose: 'MARKETING' } : act)),
      );
      await a.start();
      assert.deepEqual(await alone(), [], 'the chain alone shows nothing');
      assert.deepEqual(await together(), ['peer-disagrees 3 of police-b']);
      assert.deepEqual(await alone({ seen: [kept] }), ['fork -']);
    });

    it("is named by the receipts of the lost day when yesterday's backup was restored", async () => {
      const kept = await a.checkpoint();
      await a.stop();
      await a.backUp('yesterday');
      await a.start();
      for (let i = 0; i < 4; i += 1) await exchange(a, b, DAY_2);
      const lost = await a.checkpoint();
      await a.stop();
      a.restore('yesterday');
      await a.start();
      assert.deepEqual(await alone(), [], 'the chain alone shows nothing');
      assert.deepEqual(await together({ asOf: NOON_2 }), [`fork ${MESSAGES} of police-b`]);
      assert.deepEqual(await alone({ seen: [kept] }), []);
      assert.deepEqual(await alone({ seen: [kept, lost] }), ['fork -']);
      // The member goes on as if nothing had been: other entries under numbers that were given before.
      for (let i = 0; i < 5; i += 1) await a.append(draft({ at: '2026-07-03T08:00:00.000Z' }));
      assert.deepEqual(await alone(), []);
      const found = await together();
      assert.ok(found.includes(`peer-disagrees ${MESSAGES} of police-b`), found.join());
      assert.ok(
        found.some((one) => one.startsWith('fork ')),
        found.join(),
      );
    });
  });
});
