import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { FollowedLedgers } from '../../src/cli/hooks.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { followLedgers } from '../../src/gateway/ledger/follow-ledgers.ts';
import { readWitnessKey, cosignaturesOf } from '../../src/ledger/notes/cosignature.ts';
import { cosignMirror } from '../../src/ledger/follow/cosign.ts';
import {
  createFollower,
  mirrorOf,
  type FollowedLog,
  type FollowEvent,
} from '../../src/ledger/follow/follower.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { readLedgerKey, signNote } from '../../src/ledger/notes/note.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { cosignaturesAt } from '../../src/ledger/witness/cosignature-store.ts';
import { readForks } from '../../src/ledger/witness/witness-store.ts';
import { draft } from '../ledger/drafts.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { createTestDatabase, testCluster } from '../world/database.ts';

const MEMBERS = ['bank-a', 'insurer-b', 'police-p', 'auditor-d'];
const FOLLOWED = ['bank-a', 'insurer-b', 'police-p'];

describe('an auditor that follows the ledgers', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  let followed: FollowedLedgers;
  let directory: string;
  let events: FollowEvent[];
  let now: Date;
  let instead: Partial<FollowedLog> & { member?: string };

  before(async () => {
    alliance = await openTestAlliance({ members: MEMBERS });
    directory = await mkdtemp(join(tmpdir(), 'lianzheng-mirrors-'));
    const config = alliance.founded.members.find(({ cast: { id } }) => id === 'auditor-d')?.configPath;
    followed = await followLedgers(config ?? '');
  });
  after(async () => {
    await followed.close();
    await alliance.close();
    await rm(directory, { recursive: true, force: true });
  });
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  beforeEach(() => {
    events = [];
    now = new Date();
    instead = {};
  });

  const round = (stallMs = 1000): Promise<boolean> => follower(stallMs).round();
  const follower = (stallMs = 1000, signal = new AbortController().signal) =>
    createFollower({
      directory,
      logs: async () =>
        (await followed.logs()).map((log) => (log.member === instead.member ? { ...log, ...instead } : log)),
      clock: () => now,
      onEvent: (event) => void events.push(event),
      onSound: async (log, { note }) => {
        if (followed.witness !== undefined)
          await cosignMirror(mirrorOf(directory, log.member), note, followed.witness);
      },
      onFork: (log, notes) => followed.keepFork(log, notes),
      intervalMs: 1,
      stallMs,
      signal,
    });
  const kinds = (): string[] => events.map(({ kind, member }) => `${member} ${kind}`).sort();
  const act = async (count: number): Promise<void> => {
    const { features, delivery } = alliance.gateway('bank-a');
    for (let i = 0; i < count; i += 1) {
      const sharing = { group: FEATURE_GROUP, purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'] };
      const lines = [{ type: 'domain', value: `d${Math.random().toString(36).slice(2)}.example.com` }];
      await pushFeatures(features, { ...sharing, actor: 'test', lines });
    }
    await delivery.idle();
    for (const member of ['bank-a', 'insurer-b', 'police-p']) await alliance.gateway(member).delivery.idle();
    await sleep(200);
  };
  const auditMirrors = async (members = FOLLOWED): Promise<boolean> => {
    const trust = members.map((member) => {
      const { ledger } = alliance.gateway(member);
      return { member, origin: ledger.origin, vkeys: [{ vkey: ledger.vkey }] };
    });
    const directories = members.map((member) => mirrorOf(directory, member));
    return (await verifyLedgers(directories, { ledgers: trust, registryDigests: new Map() })).ok;
  };

  it('mirrors and cosigns what grew, and only fetches what is new', async () => {
    assert.equal(await round(), true);
    assert.deepEqual(kinds(), ['bank-a grown', 'insurer-b grown', 'police-p grown']);
    events = [];
    await act(150);
    assert.equal(await round(), true);
    assert.ok(kinds().includes('bank-a grown'));
    assert.equal(await auditMirrors(), true);
    const { keys } = alliance.gateway('auditor-d').config;
    const { vkey } = readWitnessKey(await readFile(keys.witness ?? '', 'utf8'));
    const note = await readFile(join(mirrorOf(directory, 'bank-a'), 'checkpoint'), 'utf8');
    assert.equal(cosignaturesOf(note, [vkey]).length, 1);
    const full = join(mirrorOf(directory, 'bank-a'), 'tile', 'entries', '000');
    const fetched: string[] = [];
    const { source } = (await followed.logs()).find(({ member }) => member === 'bank-a') as FollowedLog;
    await act(10);
    instead = {
      member: 'bank-a',
      source: { ...source, tile: (path) => (fetched.push(path), source.tile(path)) },
    };
    assert.equal(await round(), true);
    assert.ok((await readFile(full)).length > 0 && !fetched.includes('tile/entries/000'));
  });

  it('keeps both notes of a log that shows another history, and tells it in the own ledger once', async () => {
    const { config, ledger } = alliance.gateway('bank-a');
    const key = readLedgerKey(await readFile(config.keys.ledger, 'utf8'));
    const world = await createTestDatabase();
    closing.push(() => world.close());
    const other = await openLedger({
      database: world.database,
      member: 'bank-a',
      origin: ledger.origin,
      key,
      clock: () => new Date(),
    });
    closing.push(() => other.close());
    const wanted = (await ledger.latest()).size + 20;
    await Promise.all(
      Array.from({ length: wanted }, async () => {
        await other.settle(
          await world.database.transaction((tx) => other.append(tx, draft({ member: 'bank-a' }))),
        );
      }),
    );
    instead = { member: 'bank-a', source: databaseSource(world.database) };
    const before = await readdir(mirrorOf(directory, 'bank-a'), { recursive: true });
    const { database, ledger: own } = alliance.gateway('auditor-d');
    const twice = follower();
    assert.equal(await twice.round(), false);
    assert.equal(await twice.round(), false);
    const [fork, ...more] = events.filter(({ kind }) => kind === 'fork');
    assert.deepEqual([fork?.member, more.length], ['bank-a', 0]);
    assert.ok(fork !== undefined && 'evidence' in fork, 'evidence is kept');
    assert.match(await readFile(fork.evidence, 'utf8'), /known:\n[\s\S]*shown:\n/);
    assert.deepEqual(await readdir(mirrorOf(directory, 'bank-a'), { recursive: true }), before);
    assert.equal((await readForks(database)).length, 1);
    for (let tries = 0; (await own.latest()).size < 2 && tries < 50; tries += 1) await sleep(50);
    const { rows } = await database.query<{ body: string }>(
      'SELECT body FROM ledger_entry ORDER BY seq DESC LIMIT 1',
    );
    const entry = JSON.parse(rows[0]?.body ?? '{}') as { kind: string; peer: string };
    assert.deepEqual([entry.kind, entry.peer], ['ledger.fork', 'bank-a']);
  });

  it('names tiles that are not what the checkpoint signs, and keeps nothing of them', async () => {
    const { source } = (await followed.logs()).find(({ member }) => member === 'bank-a') as FollowedLog;
    for (const what of ['tile/entries', 'tile/0', 'missing']) {
      await act(2);
      const bent = async (path: string): Promise<Buffer | undefined> => {
        const bytes = await source.tile(path);
        if (what === 'missing') return path.startsWith('tile/0/') ? undefined : bytes;
        if (bytes !== undefined && path.startsWith(what)) bytes[bytes.length - 1]! ^= 1;
        return bytes;
      };
      events = [];
      instead = { member: 'bank-a', source: { ...source, tile: bent } };
      assert.equal(await round(), false, what);
      assert.deepEqual(
        kinds().filter((kind) => kind.startsWith('bank-a')),
        ['bank-a invalid'],
        what,
      );
      instead = {};
      assert.equal(await round(), true);
      assert.equal(await auditMirrors(), true);
    }
    await writeFile(join(directory, 'note'), '');
    instead = { member: 'bank-a', vkeys: [alliance.gateway('police-p').ledger.vkey] };
    events = [];
    assert.equal(await round(), false);
    assert.ok(kinds().includes('bank-a invalid'));
  });

  it('tells silence once, then a stall, then the return', async () => {
    const watching = follower(5000);
    await watching.round();
    await alliance.stop('police-p');
    events = [];
    for (const step of [0, 2000, 4000]) {
      now = new Date(now.getTime() + step);
      await watching.round();
    }
    await watching.round();
    await alliance.start('police-p');
    assert.equal(await watching.round(), true);
    assert.deepEqual(
      events
        .filter(({ member, kind }) => member === 'police-p' && kind !== 'unchanged' && kind !== 'grown')
        .map(({ kind }) => kind),
      ['unreachable', 'stalled', 'recovered'],
    );
  });

  it('accuses nobody of what a crash left in the mirror', async () => {
    await round();
    const target = mirrorOf(directory, 'police-p');
    await act(2);
    const { size } = await alliance.gateway('police-p').ledger.latest();
    for (const level of ['entries', '0'])
      await writeFile(join(target, 'tile', level, '000.p', String(size)), Buffer.alloc(size * 32));
    events = [];
    assert.equal(await round(), true);
    assert.deepEqual(
      events.filter(({ member }) => member === 'police-p').map(({ kind }) => kind),
      ['grown'],
    );
    assert.equal(await auditMirrors(['police-p']), true);
  });

  it('fetches no tile of a giant size once one is missing, and goes on with the others meanwhile', async () => {
    const { config, ledger } = alliance.gateway('bank-a');
    const key = readLedgerKey(await readFile(config.keys.ledger, 'utf8'));
    const { source } = (await followed.logs()).find(({ member }) => member === 'bank-a') as FollowedLog;
    const text = `${ledger.origin}\n${2 ** 53 - 1}\n${Buffer.alloc(32).toString('base64')}\n`;
    let asked = 0;
    const giant = {
      checkpoint: () => Promise.resolve(Buffer.from(signNote(text, key))),
      tile: () => ((asked += 1), asked > 3 ? Promise.resolve(undefined) : source.tile('tile/entries/000')),
    };
    instead = { member: 'bank-a', source: giant };
    assert.equal(await round(), false);
    assert.ok(asked < 10 && kinds().includes('bank-a invalid'));

    const stopping = new AbortController();
    let release = (): void => undefined;
    const hangs = new Promise<Buffer>((_, reject) => (release = () => reject(new Error('cut'))));
    instead = { member: 'bank-a', source: { ...source, checkpoint: () => hangs } };
    events = [];
    const running = follower(1000, stopping.signal).run();
    for (
      let tries = 0;
      tries < 200 && kinds().filter((kind) => kind === 'police-p unchanged').length < 3;
      tries += 1
    )
      await sleep(20);
    stopping.abort();
    release();
    await running;
    assert.ok(kinds().filter((kind) => kind === 'police-p unchanged').length >= 3);
  });

  it('cosigns nothing with a witness whose own database is of yesterday', async () => {
    const administrator = new pg.Client({ connectionString: (await testCluster()).url() });
    await administrator.connect();
    const auditor = alliance.gateway('auditor-d');
    const { config } = auditor;
    const name = new URL(config.database.url).pathname.slice(1);
    const configPath =
      alliance.founded.members.find(({ cast: { id } }) => id === 'auditor-d')?.configPath ?? '';
    await followed.close();
    await alliance.stop('auditor-d');
    await administrator.query(`CREATE DATABASE ${name}_yesterday TEMPLATE ${name}`);
    const { ledger, database } = await alliance.start('auditor-d');
    for (let tries = 0; ; tries += 1) {
      const key = await database.transaction((tx) => ledger.append(tx, draft({ member: 'auditor-d' })));
      const { size } = await ledger.settle(key);
      await sleep(2500);
      if ((await cosignaturesAt(database, size)).length >= 2) break;
      assert.ok(tries < 3, 'cosigned');
    }
    await alliance.stop('auditor-d');
    await administrator.query(`ALTER DATABASE ${name} RENAME TO ${name}_newest`);
    await administrator.query(`ALTER DATABASE ${name}_yesterday RENAME TO ${name}`);
    // The gateway is down: nothing but the follower itself can notice.
    followed = await followLedgers(configPath);
    await act(2);
    events = [];
    assert.equal(await round(), false);
    assert.deepEqual(
      events
        .filter(({ kind }) => kind === 'uncosigned')
        .map(({ member }) => member)
        .sort(),
      FOLLOWED,
    );
    assert.match(JSON.stringify(events), /this database has/);
    await followed.close();
    await administrator.query(`ALTER DATABASE ${name} RENAME TO ${name}_wrong`);
    await administrator.query(`ALTER DATABASE ${name}_newest RENAME TO ${name}`);
    await administrator.end();
    await alliance.start('auditor-d');
    followed = await followLedgers(configPath);
    assert.equal(await round(), true);
  });

  it('alarms when a member serves the ledger of yesterday', async () => {
    const administrator = new pg.Client({ connectionString: (await testCluster()).url() });
    await administrator.connect();
    const name = new URL(alliance.gateway('bank-a').config.database.url).pathname.slice(1);
    await alliance.stop('bank-a');
    await administrator.query(`CREATE DATABASE ${name}_yesterday TEMPLATE ${name}`);
    await alliance.start('bank-a');
    await act(3);
    assert.equal(await round(), true);
    await alliance.stop('bank-a');
    await administrator.query(`ALTER DATABASE ${name} RENAME TO ${name}_newest`);
    await administrator.query(`ALTER DATABASE ${name}_yesterday RENAME TO ${name}`);
    await administrator.end();
    await alliance.start('bank-a');
    events = [];
    assert.equal(await round(), false);
    assert.deepEqual(
      events.filter((event) => 'evidence' in event).map(({ kind, member }) => [kind, member]),
      [['rollback', 'bank-a']],
    );
    assert.equal(await auditMirrors(), true);
  });
});
