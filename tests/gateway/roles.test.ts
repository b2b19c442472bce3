import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ledgerTrust, readTrust } from '../../src/cli/trust.ts';
import { programSchemas } from '../../src/config.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import type { FoundedAlliance } from '../../src/demo/found-alliance.ts';
import type { FoundedMember } from '../../src/demo/found-member.ts';
import { readRoles } from '../../src/gateway/processes/roles.ts';
import { missingRoles, verdictOf } from '../../src/gateway/processes/standing-of-others.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { freePort } from '../../src/storage/embedded-postgres.ts';
import { signNext } from '../world/publish.ts';
import { foundForChildren, startChild, tokenFor, type ChildGateway } from '../world/child-gateway.ts';

const WAIT_MS = 60_000;

/** bank-a runs as two processes, one for its callers and one for the rest; insurer-b is one process as ever. */
describe('a gateway of two processes', function () {
  this.timeout(240_000);
  let founded: FoundedAlliance;
  let remove: () => Promise<void>;
  let bank: FoundedMember;
  let rest: FoundedMember;
  let insurer: FoundedMember;
  let token: string;
  let other: ChildGateway;
  let api: ChildGateway;
  let work: ChildGateway;
  const children: ChildGateway[] = [];

  const start = async (
    member: FoundedMember,
    args: readonly string[] = [],
    change = {},
  ): Promise<ChildGateway> => {
    const child = await startChild(member, { log: { level: 'warn' }, ...change }, args);
    children.push(child);
    return child;
  };

  before(async () => {
    ({ founded, remove } = await foundForChildren(['bank-a', 'insurer-b']));
    [bank, insurer] = founded.members as [FoundedMember, FoundedMember];
    token = await tokenFor(bank);
    rest = await secondProcessOf(bank);
    other = await start(insurer);
    await other.untilReady();
    work = await start(rest, ['--roles', 'sequencer,delivery,clock']);
    // As a setting, where the other one has it as an option.
    api = await start(bank, [], { roles: ['api'] });
    await api.untilReady();
  });
  after(async () => {
    for (const { process: child } of children) child.kill('SIGKILL');
    await Promise.all(children.map(({ ended }) => ended));
    await remove();
  });

  const push = (value: string) => pushOne(api.url, token, value);
  const health = async () => {
    const answer = await fetch(`${api.url}/v1/health/ready`);
    return { status: answer.status, body: (await answer.json()) as HealthBody };
  };

  it('takes messages in the one and delivers them from the other', async () => {
    assert.equal((await push('flows.example')).status, 200);
    await until('the insurer has it', async () => (await valuesOf(insurer)).join(), /flows\.example/);
    assert.equal((await pushOne(other.url, await tokenFor(insurer), 'comes-back.example')).status, 200);
    await until('the bank has it', async () => (await valuesOf(bank)).join(), /comes-back\.example/);
    const { body } = await health();
    assert.deepEqual(body.roles, ['api']);
    assert.deepEqual(
      body.processes.map(({ roles, ledger }) => [roles.join(), ledger]),
      [['sequencer,delivery,clock', 'open']],
    );
    assert.deepEqual(body.warnings, []);
  });

  it('takes nothing while no process sequences, says so, and goes on when one is there again', async () => {
    work.process.kill('SIGKILL');
    await work.ended;
    await until('it is not ready', async () => JSON.stringify(await health()), /gateway\.no-sequencer/);
    const { status, body } = await health();
    assert.equal(status, 503);
    assert.deepEqual(
      body.reasons.map(({ part, code }) => [part, code]),
      [['sequencer', 'gateway.no-sequencer']],
    );
    assert.match(body.reasons[0]!.message, /lianzheng serve --roles sequencer/);
    const refused = await push('refused.example');
    assert.equal(refused.status, 503);
    assert.equal(refused.body['code'], 'gateway.no-sequencer');
    const warned = (await health()).body.warnings.map(({ part, code }) => `${part} ${code}`);
    assert.deepEqual(warned.sort(), ['clock role.missing', 'delivery role.missing']);
    // Whom it revokes is refused at once, whoever could write that down.
    await signNext(founded, founded.registry, () => ({}));
    await until('the new registry counts', async () => (await health()).body.registry.serial, /^2$/);
    assert.equal(await adoptionsOf(bank, 2), 0);

    work = await start(rest, ['--roles', 'sequencer,delivery,clock']);
    await until('it is ready again', async () => (await health()).status, /200/);
    assert.equal((await push('again.example')).status, 200);
    await until('the insurer has it', async () => (await valuesOf(insurer)).join(), /again\.example/);
    assert.ok(!(await valuesOf(bank)).includes('refused.example'), 'what was refused left nothing behind');
    await until('it is logged', () => adoptionsOf(bank, 2), /^1$/);
  });

  it('becomes ready when its sequencer ends in order and another one takes over', async () => {
    const third = await secondProcessOf(bank);
    const next = await start(third, ['--roles', 'sequencer,delivery,clock']);
    await until('it sees two', async () => (await health()).body.processes.length, /2/);
    work.process.kill('SIGTERM');
    assert.deepEqual(await work.ended, { code: 0, signal: null });
    assert.equal((await push('handed-over.example')).status, 200);
    await until('the insurer has it', async () => (await valuesOf(insurer)).join(), /handed-over\.example/);
    work = next;
  });

  it('leaves undone what no process does, says so, and does it when one comes', async () => {
    work.process.kill('SIGTERM');
    await work.ended;
    await start(await secondProcessOf(bank), ['--roles', 'sequencer,clock']);
    await until(
      'delivery is missed',
      async () => JSON.stringify((await health()).body.warnings),
      /no process .* role delivery/,
    );
    await until('it is ready', async () => (await health()).status, /200/);
    assert.equal((await push('lies-there.example')).status, 200, 'what is taken is kept');
    await sleep(2000);
    assert.ok(!(await valuesOf(insurer)).includes('lies-there.example'), 'somebody delivered it');
    await start(await secondProcessOf(bank), ['--roles', 'delivery']);
    await until('the insurer has it', async () => (await valuesOf(insurer)).join(), /lies-there\.example/);
    await until('nothing is missed', async () => JSON.stringify((await health()).body.warnings), /^\[\]$/);
    await assertLedgersVerify(founded);
  });
});

describe('the roles of a process', () => {
  const process = (roles: string, gate: 'open' | 'waiting' | 'quarantined' = 'open') =>
    ({ id: 'p', gateway: 'gw1', roles: roles.split(',') as never, gate, reason: 'why' }) as const;
  const api = readRoles(['api']);

  it('are all of them unless they are named, and unknown ones are refused with the list', () => {
    assert.deepEqual([...readRoles()], ['api', 'sequencer', 'delivery', 'clock']);
    for (const wrong of [['api', 'sequencers'], [], ['']])
      assert.throws(() => readRoles(wrong), {
        code: 'config.invalid',
        message: /roles are any of api, sequencer, delivery, clock/,
      });
  });

  it('end the program with 2 when one is unknown, before anything is opened', async () => {
    const serve = [
      '--import',
      'tsx',
      'src/main.ts',
      'serve',
      '--config',
      '/nowhere.json',
      '--roles',
      'api,worker',
    ];
    const failed = await promisify(execFile)(globalThis.process.execPath, serve).then(
      () => assert.fail('it started'),
      (error: unknown) => error as { readonly code: number; readonly stderr: string },
    );
    assert.equal(failed.code, 2);
    assert.match(
      failed.stderr,
      /config\.invalid: there is no role "worker": roles are any of api, sequencer, delivery, clock/,
    );
  });

  it('decide the gate: as open as who sequences, shut without one, quarantined by anybody', () => {
    const verdict = (own: readonly string[], others: readonly ReturnType<typeof process>[]) => {
      const found = verdictOf(readRoles(own), others, missingRoles(readRoles(own), others));
      return found && `${found.state} ${'code' in found ? found.code : ''}`.trim();
    };
    assert.equal(verdict(['api'], [process('sequencer')]), 'open');
    assert.equal(verdict(['api'], [process('sequencer', 'waiting'), process('sequencer,api')]), 'open');
    assert.equal(verdict(['api'], [process('sequencer', 'waiting')]), 'waiting ledger.unavailable');
    assert.equal(verdict(['api'], [process('api,delivery')]), 'waiting gateway.no-sequencer');
    assert.equal(verdict(['api'], [process('api', 'quarantined'), process('sequencer')]), 'quarantined');
    assert.equal(verdict(['sequencer'], [process('sequencer', 'quarantined')]), 'quarantined');
    assert.equal(verdict(['api', 'sequencer'], []), undefined, 'its own witnesses decide');
    assert.equal(verdictOf(api, [], []), undefined, 'not missed for long enough yet');
  });
});

/** Of both members, once nothing is on its way. */
async function assertLedgersVerify({ anchorsPath, members }: FoundedAlliance): Promise<void> {
  const directories: string[] = [];
  for (const { config } of members) await until('nothing is open', () => openWork(config), /^0$/);
  for (const { config, directory } of members) {
    const database = openDatabase({ url: config.database.url, poolSize: 2 });
    const to = join(directory, 'export');
    await exportLedger(databaseSource(database), to);
    await database.close();
    directories.push(to);
  }
  const report = await verifyLedgers(
    directories,
    ledgerTrust(await readTrust(anchorsPath, programSchemas())),
  );
  assert.ok(report.ok, JSON.stringify(report));
}

async function openWork({ database: { url } }: FoundedMember['config']): Promise<number | undefined> {
  const database = openDatabase({ url, poolSize: 2 });
  try {
    const { rows } = await database.query<{ open: number }>(
      `SELECT (SELECT count(*) FROM delivery WHERE state IN ('pending', 'sent'))::int
         + (SELECT count(*) FROM ledger_intake)::int AS open`,
    );
    return rows[0]?.open;
  } finally {
    await database.close();
  }
}

interface HealthBody {
  readonly registry: { readonly serial: number };
  readonly roles: readonly string[];
  readonly processes: readonly { readonly roles: readonly string[]; readonly ledger: string }[];
  readonly reasons: readonly { readonly part: string; readonly code: string; readonly message: string }[];
  readonly warnings: readonly { readonly part: string; readonly code: string }[];
}

let processes = 1;

/** The same member, keys and database; other ports, because both run on this machine. */
async function secondProcessOf(member: FoundedMember): Promise<FoundedMember> {
  processes += 1;
  const written = JSON.parse(await readFile(member.configPath, 'utf8')) as FoundedMember['config'];
  const port = { peer: await freePort(), member: await freePort() };
  const config = {
    ...written,
    roles: ['sequencer', 'delivery', 'clock'],
    gateway: `gw${processes}`,
    peer: { ...written.peer, port: port.peer },
    memberPlane: { ...written.memberPlane, port: port.member },
  };
  const configPath = join(dirname(member.configPath), `process-${processes}.json`);
  await writeFile(configPath, JSON.stringify(config), { mode: 0o600 });
  return { ...member, configPath, config };
}

async function pushOne(url: string, token: string, value: string) {
  const answer = await fetch(
    `${url}/v1/groups/${FEATURE_GROUP}/features?purpose=RISK_PREVENTION&basis=PIPL-13`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ features: [{ type: 'domain', value, confidence: 90 }] }),
    },
  );
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** Entries of its ledger that say so. */
async function adoptionsOf({ config }: FoundedMember, serial: number): Promise<number | undefined> {
  const database = openDatabase({ url: config.database.url, poolSize: 2 });
  try {
    const { rows } = await database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ledger_entry
       WHERE body::json->>'kind' = 'registry.adopted' AND body::json->'registry'->>'serial' = $1`,
      [String(serial)],
    );
    return rows[0]?.n;
  } finally {
    await database.close();
  }
}

async function valuesOf({ config }: FoundedMember): Promise<readonly string[]> {
  const database = openDatabase({ url: config.database.url, poolSize: 2 });
  try {
    const { rows } = await database.query<{ value: string }>('SELECT value FROM feature');
    return rows.map(({ value }) => value);
  } finally {
    await database.close();
  }
}

async function until(what: string, look: () => Promise<unknown>, wanted: RegExp): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  let seen = '';
  while (Date.now() < deadline) {
    seen = String(await look());
    if (wanted.test(seen)) return;
    await sleep(200);
  }
  assert.fail(`waited ${WAIT_MS} ms until ${what}; there was ${seen}`);
}
