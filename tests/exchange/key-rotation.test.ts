import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { ledgerTrust, readTrust } from '../../src/cli/trust.ts';
import { programSchemas, readConfig } from '../../src/config.ts';
import type { JsonValue } from '../../src/core/canonical.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import type { FoundedMember } from '../../src/demo/found-member.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { anchorsOf, nextRegistry } from '../../src/federation/alliance.ts';
import { listDeliveries, type DeliveryRecord } from '../../src/federation/delivery/list-deliveries-store.ts';
import { verifyLedgerProof } from '../../src/federation/proofs/verify-proof.ts';
import { readNext } from '../../src/federation/registry/registry-chain.ts';
import { signRegistry, type VerifiedRegistry } from '../../src/federation/registry/registry-document.ts';
import type { RegistryLedger } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { openGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { ledgerProof } from '../../src/gateway/ledger/ledger-proof.ts';
import { makeNextLedgerKey } from '../../src/gateway/keys/ledger-keys.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { createLedgerKey, verifyNote } from '../../src/ledger/notes/note.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { hooks, run } from '../cli/console.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';

const schemas = programSchemas();

/** bank-a reads registries from a directory of its own, and only when it is told to look. */
describe('ledger keys are exchanged between two real gateways', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  let bank: Gateway;
  let insurer: Gateway;
  let founded: Readonly<Record<'bank' | 'insurer', FoundedMember>>;
  let directories: Readonly<Record<'bank' | 'insurer', string>>;
  let chain: VerifiedRegistry[];
  const log: string[] = [];
  let pushes = 0;

  before(async () => {
    alliance = await openTestAlliance({ members: ['bank-a', 'insurer-b'] });
    const [a, b] = alliance.founded.members;
    founded = { bank: a!, insurer: b! };
    directories = { bank: join(alliance.directory, 'bank-registry'), insurer: b!.config.registry.dir };
    chain = [alliance.founded.registry];
    await alliance.gateway('bank-a').close();
    cpSync(directories.insurer, directories.bank, { recursive: true });
    const registry = { dir: directories.bank, pollMs: 60_000, peerPollMs: 0 };
    writeFileSync(a!.configPath, JSON.stringify({ ...a!.config, registry }), { mode: 0o600 });
    insurer = alliance.gateway('insurer-b');
    bank = await restart(founded.bank);
  });
  after(async () => {
    await bank.close();
    await insurer.close();
    await alliance.close();
  });

  function restart({ configPath }: FoundedMember): Promise<Gateway> {
    return openGateway(
      readConfig(configPath),
      pino({ level: 'info' }, { write: (line) => void log.push(line) }),
    );
  }

  async function push(from: Gateway): Promise<void> {
    const report = await pushFeatures(from.features, {
      ...{ group: FEATURE_GROUP, purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'], actor: 'tester' },
      lines: [{ type: 'domain', value: `n${++pushes}.example`, confidence: 95 }],
    });
    assert.equal(report.accepted, 1);
  }
  const deliveries = (gateway: Gateway): Promise<readonly DeliveryRecord[]> =>
    listDeliveries(gateway.database, { limit: 1000 });
  const statesOf = async (gateway: Gateway): Promise<readonly string[]> => [
    ...new Set((await deliveries(gateway)).map(({ state }) => state)),
  ];

  /** The operators' next registry; where it is put, gateways may find it. */
  async function publish(
    member: string,
    ledger: RegistryLedger,
  ): Promise<(directory: string) => Promise<void>> {
    const previous = chain.at(-1)!;
    const members = previous.body.members.map((one) => (one.id === member ? { ...one, ledger } : one));
    const body = nextRegistry(previous, { members }, { now: new Date() });
    const document = await signRegistry(body, alliance.founded.operatorKeys.slice(0, 2));
    const { alliance: name, operators } = alliance.founded.anchors;
    const trust = { alliance: name, operators, schemas };
    chain.push(await readNext(JSON.parse(JSON.stringify(document)) as JsonValue, previous, trust));
    return async (directory) => {
      writeFileSync(join(directory, `registry-${body.serial}.json`), JSON.stringify(document));
      await alliance.founded.refresh(createRegistryView(chain.at(-1)!));
      const freshness = join(directories.insurer, 'freshness.json');
      if (directory !== directories.insurer) cpSync(freshness, join(directory, 'freshness.json'));
    };
  }
  const anchors = () => anchorsOf(chain, alliance.founded.anchors.operators);

  /** Both logs from their public files, alone and against each other. */
  async function audit(): Promise<void> {
    const path = join(alliance.directory, 'anchors-now.json');
    writeFileSync(path, JSON.stringify(anchors()));
    const trust = ledgerTrust(await readTrust(path, schemas));
    const exports = [bank, insurer].map(({ config, database }) => ({
      directory: join(alliance.directory, `export-${config.member}`),
      source: databaseSource(database),
    }));
    for (const { directory, source } of exports) await exportLedger(source, directory);
    const report = await verifyLedgers(
      exports.map(({ directory }) => directory),
      trust,
    );
    assert.ok(report.ok, JSON.stringify(report));
  }
  async function proven(gateway: Gateway, id: string): Promise<readonly string[]> {
    const { alliance: name, operators } = alliance.founded.anchors;
    const file = await ledgerProof(gateway, id, { envelope: false });
    const report = await verifyLedgerProof(file, { anchors: { alliance: name, operators }, schemas });
    assert.ok(report.ok, JSON.stringify(report.checks));
    return report.facts.map(({ vkey }) => vkey);
  }
  async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
    for (let left = 200; left > 0; left--) {
      if (await done()) return;
      await sleep(25);
    }
    assert.fail(`waited in vain: ${what}`);
  }

  it('under traffic in both directions, without one exchange that fails', async () => {
    let running = true;
    const traffic = [bank, insurer].map(async (gateway) => {
      while (running) await push(gateway);
    });
    const old = insurer.ledger.vkey;
    await until(
      'the first message is acknowledged under the old key',
      async () => (await deliveries(bank)).at(-1)?.state === 'acked',
    );
    const { ledger } = await makeNextLedgerKey(founded.insurer.configPath);
    const put = await publish('insurer-b', ledger);
    await put(directories.insurer);
    await until('the insurer signs with its new key', () => insurer.ledger.vkey === ledger.vkey);
    await sleep(100);
    await put(directories.bank);
    await sleep(500);
    const pushed = (await deliveries(bank)).length;
    await until('messages go on', async () => (await deliveries(bank)).length > pushed + 2);
    running = false;
    await Promise.all(traffic);
    await Promise.all([bank.delivery.idle(), insurer.delivery.idle()]);

    assert.deepEqual([await statesOf(bank), await statesOf(insurer)], [['acked'], ['acked']]);
    const sent = await deliveries(bank);
    assert.ok(sent.length > 10, String(sent.length));
    await audit();
    const [last, first] = [await proven(bank, sent[0]!.mid), await proven(bank, sent.at(-1)!.mid)];
    assert.deepEqual([first[1], last[1]], [old, ledger.vkey]);
  });

  it('which a peer that does not have the registry yet waits for, and looks for by itself', async () => {
    const { bank: file } = founded;
    const made = await run(
      ['enrol', 'ledger-key', '--config', founded.insurer.configPath],
      {},
      { makeNextLedgerKey },
    );
    assert.equal(made.code, 1, 'a key file is never overwritten');
    const next = `${founded.insurer.config.keys.ledger}.next`;
    renameSync(next, founded.insurer.config.keys.ledger);
    const { ledger } = await makeNextLedgerKey(founded.insurer.configPath);
    const put = await publish('insurer-b', ledger);
    await put(directories.insurer);
    await insurer.registry.refresh();
    assert.equal(insurer.ledger.vkey, ledger.vkey);
    await push(bank);
    await until(
      'the bank has refused an answer',
      async () => (await deliveries(bank))[0]?.code === 'exchange.response-invalid',
    );
    assert.equal(bank.registry.current().serial, 2, file.configPath);
    await put(directories.bank);
    await bank.delivery.idle();
    assert.equal((await deliveries(bank))[0]?.state, 'acked');
    assert.equal(bank.registry.current().serial, 3, 'long before its own poll');
    await audit();
  });

  it('with a private file of mode 0600 and nothing private in what is printed', async () => {
    const args = ['enrol', 'ledger-key', '--config', founded.bank.configPath, '--json'];
    const made = await run(args, {}, { ...hooks, makeNextLedgerKey });
    assert.equal(made.code, 0, made.err);
    const { file, ledger } = made.json;
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(ledger.origin, bank.ledger.origin);
    const [, secret = ''] =
      /^PRIVATE\+KEY\+[^+]+\+[0-9a-f]{8}\+(.{44})\n$/.exec(readFileSync(file, 'utf8')) ?? [];
    assert.notEqual(secret, '');
    assert.ok(!made.out.includes(secret) && !made.out.includes('PRIVATE'));
    assert.ok(ledger.vkey.startsWith(`${bank.ledger.origin}+`));
  });

  it('while a gateway is down: it starts with the key that the newest registry lists', async () => {
    await bank.close();
    const { keys } = founded.bank.config;
    const next = readFileSync(`${keys.ledger}.next`, 'utf8');
    renameSync(`${keys.ledger}.next`, `${keys.ledger}.kept`);
    const { ledger } = await makeNextLedgerKey(founded.bank.configPath);
    assert.ok(!readFileSync(`${keys.ledger}.next`, 'utf8').includes(next.trim()));
    const put = await publish('bank-a', ledger);
    await put(directories.bank);
    await put(directories.insurer);
    bank = await restart(founded.bank);
    assert.equal(bank.ledger.vkey, ledger.vkey);
    let key: Buffer | undefined;
    await until('the adoption is in the ledger', async () => {
      const text = `SELECT key FROM ledger_entry WHERE body LIKE '%"id":"lianzheng-demo/4"%'`;
      key = (await bank.database.query<{ key: Buffer }>(text)).rows[0]?.key;
      return key !== undefined;
    });
    const adopted = await bank.ledger.settle(key!);
    assert.deepEqual(verifyNote(adopted.checkpoint, [ledger.vkey]).signers, [ledger.vkey]);
    await insurer.registry.refresh();
    await push(insurer);
    await insurer.delivery.idle();
    assert.deepEqual(await statesOf(insurer), ['acked']);
    await audit();
    await proven(insurer, (await deliveries(insurer))[0]!.mid);
  });

  it('and even where the new file took the place of the old one before the registry was adopted', async () => {
    await bank.close();
    const { keys } = founded.bank.config;
    renameSync(`${keys.ledger}.next`, keys.ledger);
    const { ledger } = await makeNextLedgerKey(founded.bank.configPath);
    renameSync(`${keys.ledger}.next`, keys.ledger);
    const put = await publish('bank-a', ledger);
    await put(directories.bank);
    await put(directories.insurer);
    bank = await restart(founded.bank);
    assert.equal(bank.ledger.vkey, ledger.vkey);
    await push(bank);
    await bank.delivery.idle();
    assert.deepEqual(await statesOf(bank), ['acked']);
    await audit();
  });

  it('but not for a key that is not here: the old one goes on, and the gateway does not start again', async () => {
    const { origin } = bank.ledger;
    const old = bank.ledger.vkey;
    const endorsement = { recovery: { at: new Date().toISOString(), reason: 'test' } };
    const put = await publish('bank-a', { origin, vkey: createLedgerKey(origin).vkey, endorsement });
    await put(directories.bank);
    log.length = 0;
    await bank.registry.refresh();
    assert.equal(bank.ledger.vkey, old);
    assert.ok(
      log.some((line) => line.includes('ledger key is not here')),
      log.join(''),
    );
    await bank.close();
    await assert.rejects(restart(founded.bank), {
      code: 'config.invalid',
      message: /neither keys\.ledger nor/,
    });
  });
});
