import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLedger } from '../../../src/ledger/serving/export.ts';
import { ledgerKeyRing } from '../../../src/ledger/notes/key-ring.ts';
import { openLedger, type Ledger } from '../../../src/ledger/ledger.ts';
import type { LedgerKey } from '../../../src/ledger/notes/note.ts';
import { databaseSource } from '../../../src/ledger/serving/source.ts';
import { verifyEntryProof } from '../../../src/ledger/notes/tlog-proof.ts';
import { verifyLedgers, type TrustedKey } from '../../../src/ledger/verify.ts';
import { createTestDatabase, type TestDatabase } from '../../world/database.ts';
import { draft, ledgerKey, MEMBER, ORIGIN } from '../drafts.ts';

/** When the second key was registered; the first one counts a day longer. */
const CHANGED = '2026-06-01T00:00:00.000Z';
const OVER = '2026-06-02T00:00:00.000Z';

describe('a ledger whose key is exchanged', () => {
  const [one, two] = [ledgerKey(ORIGIN), ledgerKey(ORIGIN)];
  const keys: readonly TrustedKey[] = [
    { vkey: one.vkey, exp: OVER },
    { vkey: two.vkey, nbf: CHANGED },
  ];
  let world: TestDatabase;
  let directory: string;
  let ledger: Ledger | undefined;

  beforeEach(async () => {
    world = await createTestDatabase();
    directory = mkdtempSync(join(tmpdir(), 'lianzheng-ring-'));
  });
  afterEach(async () => {
    await ledger?.close();
    ledger = undefined;
    await world.close();
    rmSync(directory, { recursive: true });
  });

  async function open(key: LedgerKey, previousVkeys: readonly string[] = []): Promise<Ledger> {
    const { database } = world;
    const identity = { member: MEMBER, origin: ORIGIN, key, previousVkeys };
    return (ledger = await openLedger({ ...identity, database, clock: () => new Date() }));
  }
  async function append(to: Ledger, at: string) {
    const key = await world.database.transaction((tx) => to.append(tx, draft({ at })));
    return to.settle(key);
  }
  /** The whole log from its public files, as a stranger would. */
  async function audit(): Promise<readonly string[]> {
    await exportLedger(databaseSource(world.database), directory);
    const trust = { ledgers: [{ member: MEMBER, origin: ORIGIN, vkeys: keys }], registryDigests: new Map() };
    const { ledgers } = await verifyLedgers([directory], trust);
    return ledgers[0]!.failures.map(({ class: name }) => name);
  }
  const signedBy = (settled: { entry: string; proof: string }, key: LedgerKey): void =>
    void verifyEntryProof({ ...settled, origin: ORIGIN, vkeys: [key.vkey] });

  it('signs with the key in use, keeps old checkpoints, and verifies as one log', async () => {
    const ring = ledgerKeyRing(one);
    const log = await open(ring);
    const before = await append(log, '2026-05-31T00:00:00.000Z');
    assert.deepEqual(await audit(), []);
    ring.use(two);
    assert.equal(log.vkey, two.vkey);
    const after = await append(log, '2026-06-03T00:00:00.000Z');
    assert.deepEqual(await audit(), []);
    signedBy(before, one);
    signedBy(after, two);
    const again = await log.find(before.key);
    assert.equal(again?.proof, before.proof, 'a proof is the same bytes for ever');
  });

  it('is found out when the old key signs after its time, and not within the overlap', async () => {
    const log = await open(ledgerKeyRing(one));
    await append(log, '2026-06-01T23:59:59.000Z');
    assert.deepEqual(await audit(), []);
    await append(log, OVER);
    assert.deepEqual(await audit(), ['key-not-valid-then']);
  });

  it('is found out when the new key signs before it was registered', async () => {
    await append(await open(ledgerKeyRing(two)), '2026-05-31T00:00:00.000Z');
    assert.deepEqual(await audit(), ['key-not-valid-then']);
  });

  it('opens again with the new key when it knows the old one, and not otherwise', async () => {
    await append(await open(one), '2026-05-31T00:00:00.000Z');
    await ledger?.close();
    await assert.rejects(open(two), { code: 'ledger.proof-invalid' });
    await append(await open(two, [one.vkey]), '2026-06-03T00:00:00.000Z');
    assert.deepEqual(await audit(), []);
  });

  it('never changes its name', () => {
    const ring = ledgerKeyRing(one);
    assert.throws(() => ring.use(ledgerKey('elsewhere.example/log')), { code: 'config.invalid' });
    assert.equal(ring.vkey, one.vkey);
  });
});
