import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkpointText } from '../../../src/ledger/notes/checkpoint.ts';
import { createWitnessKey, readWitnessKey } from '../../../src/ledger/notes/cosignature.ts';
import { LedgerGate } from '../../../src/ledger/gate.ts';
import { openLedger, type Ledger } from '../../../src/ledger/ledger.ts';
import { parseNote, signNote } from '../../../src/ledger/notes/note.ts';
import {
  cosigned,
  conflict,
  readAddCheckpoint,
  refused,
} from '../../../src/ledger/witness/add-checkpoint.ts';
import { clearLog, contradiction } from '../../../src/ledger/witness/clearance.ts';
import type { AskedWitness } from '../../../src/ledger/witness/ask-witness.ts';
import { startCollector } from '../../../src/ledger/witness/collector.ts';
import { cosignaturesAt } from '../../../src/ledger/witness/cosignature-store.ts';
import { readPolicy } from '../../../src/ledger/witness/policy.ts';
import { createTestDatabase, type TestDatabase } from '../../world/database.ts';
import { draft, ledgerKey } from '../drafts.ts';

const ORIGIN = 'log.example/a';

describe('cosignatures and clearance, asked of witnesses that lie', () => {
  const key = ledgerKey(ORIGIN);
  const witnessKey = readWitnessKey(createWitnessKey('witness.example/b').privateKey);
  let world: TestDatabase;
  let ledger: Ledger;
  let contradictions: string[];
  let failures: string[];

  beforeEach(async () => {
    world = await createTestDatabase();
    const { database } = world;
    ledger = await openLedger({ database, member: 'bank-a', origin: ORIGIN, key, clock: () => new Date() });
    for (let i = 0; i < 3; i += 1) {
      await ledger.settle(await database.transaction((tx) => ledger.append(tx, draft({ member: 'bank-a' }))));
    }
    [contradictions, failures] = [[], []];
  });
  afterEach(async () => {
    await ledger.close();
    await world.close().catch(() => undefined);
  });

  const noteOf = (size: number, byte = 7): string =>
    signNote(checkpointText({ origin: ORIGIN, size, root: Buffer.alloc(32, byte) }), key);
  const witness = (
    post: (body: string) => { status: number; body: string } | Promise<{ status: number; body: string }>,
    latest?: string,
    { name, vkey } = witnessKey,
  ): AskedWitness => ({
    name,
    vkey,
    post: async (body) => post(body),
    latest: () => Promise.resolve(latest),
  });
  const honest = (body: string, at = 1_700_000_000) =>
    cosigned([witnessKey.cosign(parseNote(readAddCheckpoint(body).checkpoint).text, at)]);
  const collector = (witnesses: readonly AskedWitness[]) =>
    startCollector({
      database: world.database,
      origin: ORIGIN,
      vkeys: () => [key.vkey],
      witnesses: () => witnesses,
      onContradiction: ({ why }) => void contradictions.push(why),
      onAsked: (name, error) => {
        if (error instanceof Error) failures.push(`${name}: ${error.message}`);
      },
      onError: (error) => assert.fail(String(error)),
      intervalMs: 20,
    });
  const stored = async (): Promise<number> =>
    (await cosignaturesAt(world.database, (await ledger.latest()).size)).length;
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 100; tries += 1) {
      if (await condition()) return;
      await sleep(20);
    }
    assert.fail('not reached');
  };

  it('takes no status and no number for a contradiction', async () => {
    const foreign = signNote(
      checkpointText({ origin: ORIGIN, size: 99, root: Buffer.alloc(32) }),
      ledgerKey(ORIGIN),
    );
    const lies: readonly AskedWitness[] = [
      witness(() => refused(422, 'no')),
      witness(() => conflict(2 ** 53 - 1)),
      witness(() => refused(422, 'x'.repeat(100_000)), foreign),
      witness(
        () => conflict(99),
        signNote(checkpointText({ origin: 'log.example/x', size: 99, root: Buffer.alloc(32) }), key),
      ),
      witness(() => ({ status: 409, body: '' })),
      witness(() => conflict(0)),
      witness(() => ({ status: 200, body: 'thanks\n' })),
      witness(() => ({ status: 200, body: '' })),
      witness(() => cosigned([witnessKey.cosign('another text\n', 5)])),
      witness((body) => honest(body, Number.MAX_SAFE_INTEGER)),
      witness((body) => cosigned(Array<string>(300).fill(honest(body).body.trim()))),
    ];
    for (const lie of lies) {
      failures = [];
      const collecting = collector([lie]);
      await until(() => failures.length > 0);
      await collecting.close();
      assert.ok((failures[0]?.length ?? 0) < 600, failures[0]);
    }
    assert.deepEqual(contradictions, []);
    assert.equal(await stored(), 0);
  });

  it('takes a checkpoint of its own key that the database does not extend for one', async () => {
    const cases = [
      [witness(() => conflict(99), noteOf(99)), /99 entries, this database has 3/],
      [witness(() => refused(422, 'no'), noteOf(2)), /2 entries with another root/],
    ] as const;
    for (const [shown, why] of cases) {
      contradictions = [];
      const collecting = collector([shown]);
      await until(() => contradictions.length > 0);
      await collecting.close();
      assert.match(contradictions[0] ?? '', why);
    }
  });

  it('keeps no witness waiting for one that never answers', async () => {
    const silent = readWitnessKey(createWitnessKey('witness.example/slow').privateKey);
    let release = (): void => undefined;
    const never = new Promise<{ status: number; body: string }>((resolve) => {
      release = () => resolve(refused(400, 'too late'));
    });
    const collecting = collector([witness(() => never, undefined, silent), witness((body) => honest(body))]);
    await until(async () => (await stored()) === 1);
    await ledger.settle(
      await world.database.transaction((tx) => ledger.append(tx, draft({ member: 'bank-a' }))),
    );
    await until(async () => (await stored()) === 1);
    release();
    await collecting.close();
  });

  it('blames nobody for a database that does not answer', async () => {
    const { checkpoint } = await ledger.latest();
    const options = { database: world.database, origin: ORIGIN, vkeys: () => [key.vkey] };
    assert.equal(await contradiction(options, checkpoint), undefined);
    await ledger.close();
    await world.database.close();
    await assert.rejects(contradiction(options, checkpoint));
    const gate = new LedgerGate('waiting');
    const stopping = new AbortController();
    const clearing = clearLog({
      ...options,
      database: {
        ...world.database,
        // The size can be read, the nodes cannot.
        query: (text: string) =>
          text.includes('ledger_checkpoint')
            ? Promise.resolve({ rows: [{ size: 3 }] as never[], rowCount: 1 })
            : Promise.reject(new Error('Connection terminated unexpectedly')),
      },
      gate,
      policy: () => readPolicy(`witness b ${witnessKey.vkey}\nquorum b\n`),
      witnesses: () => [{ ...witnessKey, latest: () => Promise.resolve(checkpoint) }],
      peers: () => [
        {
          name: 'police-p',
          shown: () =>
            Promise.resolve([
              { origin: ORIGIN, index: 0, leaf: '00'.repeat(32), size: 3, root: '00'.repeat(32) },
            ]),
        },
      ],
      ownWitness: undefined,
      onAsked: (name, error) => void failures.push(`${name}: ${String(error)}`),
      signal: stopping.signal,
      retryMs: 10,
    });
    await until(() => failures.length >= 4);
    assert.equal(gate.state, 'waiting', gate.reason);
    stopping.abort();
    await clearing;
  });
});
