import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { programSchemas, type GatewayConfig } from '../../src/config.ts';
import type { JsonValue } from '../../src/core/canonical.ts';
import type { FoundedMember } from '../../src/demo/found-member.ts';
import { examine } from '../../src/doctor/doctor.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { anchorsOf, nextRegistry } from '../../src/federation/alliance.ts';
import { readNext } from '../../src/federation/registry/registry-chain.ts';
import { signRegistry, type VerifiedRegistry } from '../../src/federation/registry/registry-document.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import { makeNext } from '../../src/gateway/keys/rotation.ts';
import { run, type Loose } from '../cli/console.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';
import { testCluster } from '../world/database.ts';

const DAY = 86_400_000;

/** bank-a's gateway runs; the doctor looks at it from outside. */
describe('doctor', function () {
  this.timeout(60_000);
  let alliance: TestAlliance;
  let bank: FoundedMember;
  let chain: VerifiedRegistry[];
  before(async () => {
    alliance = await openTestAlliance({ members: ['bank-a', 'insurer-b'] });
    bank = alliance.founded.members[0]!;
    chain = [alliance.founded.registry];
  });
  after(() => alliance.close());

  const look = (config: string = bank.configPath) => examine(config);
  const levels = (findings: readonly Finding[], check: string) =>
    findings.filter((one) => one.check === check).map(({ level }) => level);
  const troubles = (findings: readonly Finding[]) =>
    findings.filter(({ level }) => level !== 'ok').map(({ check, level }) => `${level} ${check}`);
  /** bank-a's configuration with other parts, in a file of its own. */
  const changed = (change: (config: GatewayConfig) => object): string => {
    const path = join(bank.directory, 'changed.json');
    writeFileSync(path, JSON.stringify({ ...bank.config, ...change(bank.config) }), { mode: 0o600 });
    return path;
  };
  const withKeys = (keys: object) => changed((config) => ({ keys: { ...config.keys, ...keys } }));
  async function publish(file: Loose, ...edits: readonly string[]): Promise<Loose> {
    const home = join(alliance.directory, 'alliance');
    const { operators } = alliance.founded.anchors;
    writeFileSync(join(home, 'anchors.json'), JSON.stringify(anchorsOf(chain, operators)));
    const rotation = join(alliance.directory, 'rotation.json');
    writeFileSync(rotation, JSON.stringify(file));
    const out = ['--out', `${bank.config.keys.tlsCert}.next`, '--dir', home, '--json'];
    const edited = await run(['alliance', 'rotate', 'member', rotation, ...edits, ...out]);
    if (edited.code !== 0) return edited.json['error'];
    for (const n of [1, 2]) {
      const key = ['--key', join(home, `operator-${n}.jwk`), '--dir', home, '--yes', '--json'];
      assert.equal((await run(['alliance', 'sign', join(home, 'draft.json'), ...key])).code, 0);
    }
    const done = await run(['alliance', 'publish', join(home, 'draft.json'), '--dir', home, '--json']);
    assert.equal(done.code, 0, done.err);
    const { serial } = done.json;
    const document = JSON.parse(readFileSync(join(home, 'registry', `registry-${serial}.json`), 'utf8'));
    const trust = { alliance: chain[0]!.body.alliance, operators, schemas: programSchemas() };
    chain.push(await readNext(document as JsonValue, chain.at(-1), trust));
    await alliance.founded.refresh(createRegistryView(chain.at(-1)!));
    await alliance.gateway('bank-a').registry.refresh();
    return done.json;
  }

  it('finds nothing wrong with a gateway that runs, and changes no file', async () => {
    const before = statSync(bank.directory).mtimeMs;
    const findings = await look();
    assert.deepEqual(troubles(findings), []);
    const checks = new Set(findings.map(({ check }) => check));
    for (const check of [
      ...['config', 'keys.seal', 'certificate', 'registry', 'freshness', 'membership', 'address', 'seal key'],
      ...['ledger key', 'witness key', 'ca', 'database', 'clock', 'role', 'migrations', 'ledger', 'adoption'],
      ...['blobs', 'peer port', 'member port'],
    ])
      assert.ok(checks.has(check), check);
    assert.equal(statSync(bank.directory).mtimeMs, before);
  });

  it('ends with 0, 1 or 2, and says it as JSON', async () => {
    const doctor = async (findings: readonly Finding[]) =>
      run(['doctor', '--config', 'c.json', '--json'], {}, { examine: async () => findings });
    const ok = { level: 'ok', check: 'a', message: 'm' } as const;
    const warn = { ...ok, level: 'warn', remedy: 'r' } as const;
    assert.equal((await doctor([ok])).code, 0);
    assert.equal((await doctor([ok, warn])).code, 1);
    const worst = await doctor([ok, warn, { ...warn, level: 'fail' }]);
    assert.equal(worst.code, 2);
    assert.deepEqual(
      [worst.json['warnings'], worst.json['failures'], worst.json['findings'].length],
      [1, 1, 3],
    );
  });

  it('names a configuration that cannot be read, key files that others can read, and a foreign key', async () => {
    assert.deepEqual(troubles(await look(join(bank.directory, 'nothing.json'))), ['fail config']);
    const open = join(bank.directory, 'open.jwk');
    copyFileSync(bank.config.keys.seal, open);
    chmodSync(open, 0o644);
    const found = await look(withKeys({ seal: open }));
    assert.deepEqual(levels(found, 'keys.seal'), ['fail']);
    const other = alliance.founded.members[1]!.config.keys;
    assert.ok(troubles(await look(withKeys({ tlsKey: other.tlsKey }))).includes('fail certificate'));
    const foreign = troubles(
      await look(withKeys({ seal: other.seal, ledger: other.ledger, witness: other.witness })),
    );
    for (const trouble of ['fail seal key', 'fail ledger key', 'warn witness key'])
      assert.ok(foreign.includes(trouble), foreign.join());
  });

  it('names a database that does not answer, one without migrations, and a superuser', async () => {
    const at = (url: string) => changed(() => ({ database: { url } }));
    const gone = await look(at('postgres://nobody@127.0.0.1:1/none'));
    assert.deepEqual(troubles(gone), ['fail database']);
    const superuserUrl = (await testCluster()).url();
    const empty = troubles(await look(at(superuserUrl)));
    assert.deepEqual(empty, ['fail role', 'fail migrations']);
  });

  it('names a directory that was set back, a statement that ended, and an address that is not listed', async () => {
    const dir = join(alliance.directory, 'elsewhere');
    cpSync(bank.config.registry.dir, dir, { recursive: true });
    const stale = new Date(Date.now() - 3_600_000);
    const late = await examine(
      changed(() => ({ registry: { dir } })),
      () => new Date(Date.now() + 3_600_000),
    );
    assert.ok(troubles(late).includes('fail freshness'), stale.toISOString());
    rmSync(join(dir, 'freshness.json'));
    assert.ok(troubles(await look(changed(() => ({ registry: { dir } })))).includes('fail freshness'));
    const peer = { ...bank.config.peer, authority: 'elsewhere.example:1' };
    assert.ok(troubles(await look(changed(() => ({ peer })))).includes('fail address'));
  });

  it('tells 30, 14, 7, 3 and 1 days before what ends, and what to do', async () => {
    const certificateEnd = chain.at(-1)!.body.members[0]!.gateways[0]!.certs[0]!.exp * 1000;
    const at = async (days: number) => {
      const findings = await examine(bank.configPath, () => new Date(certificateEnd - days * DAY));
      return findings.find(({ check, message }) => check === 'certificate' && message.includes('ends in'));
    };
    assert.equal((await at(40))?.level, 'ok');
    assert.equal((await at(20))?.level, 'warn');
    assert.equal((await at(2))?.level, 'warn');
    const last = await at(0.5);
    assert.deepEqual([last?.level, last?.remedy], ['fail', 'lianzheng rotate tls']);
  });

  it('follows a rotation: the next certificate and seal key wait, are listed, are taken into use', async () => {
    const { keys } = bank.config;
    const tls = await makeNext({ kind: 'tls', configPath: bank.configPath });
    const seal = await makeNext({ kind: 'seal', configPath: bank.configPath });
    const again = await makeNext({ kind: 'seal', configPath: bank.configPath });
    assert.equal(
      (again.rotation as Loose).key.kid,
      (seal.rotation as Loose).key.kid,
      'the same key, asked again',
    );
    assert.ok(!JSON.stringify([tls, seal]).includes('"d"'));
    for (const path of [tls.file!, seal.file!]) assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(levels(await look(), 'next key'), ['ok', 'ok']);
    const first = await publish(tls.rotation);
    assert.equal(first.serial, 2);
    await publish(seal.rotation);
    assert.deepEqual(levels(await look(), 'next key'), ['warn', 'warn']);
    assert.equal(alliance.gateway('bank-a').registry.current().serial, 3, 'the gateways take it');
    for (const path of [keys.tlsKey, keys.tlsCert, keys.seal]) renameSync(`${path}.next`, path);
    assert.deepEqual(troubles(await look()), []);
  });

  it('is of no help to others: a rotation by a stranger, or changed on its way, is refused', async () => {
    const theirs = alliance.founded.members[1]!;
    const stranger = await makeNext({ kind: 'seal', configPath: theirs.configPath });
    const member = bank.cast.id;
    assert.equal((await publish({ ...stranger.rotation, member })).code, 'enrolment.invalid');
    const own = (await makeNext({ kind: 'tls', configPath: bank.configPath })).rotation as Loose;
    assert.equal((await publish({ ...own, authority: 'x.example:1' })).code, 'enrolment.invalid');
    assert.equal(
      (await publish({ ...own, key: (stranger.rotation as Loose).key })).code,
      'enrolment.invalid',
    );
  });

  it('takes a ledger key too, which the running gateway signs with at once', async () => {
    const ledger = await makeNext({ kind: 'ledger', configPath: bank.configPath });
    await publish(ledger.rotation);
    assert.equal(alliance.gateway('bank-a').ledger.vkey, (ledger.rotation as Loose).ledger.vkey);
  });

  it('names a registry that the operators did not sign', async () => {
    const dir = join(alliance.directory, 'forged');
    cpSync(bank.config.registry.dir, dir, { recursive: true });
    const body = nextRegistry(chain.at(-1)!, {}, { now: new Date() });
    const forged = await signRegistry(body, alliance.founded.operatorKeys.slice(0, 1));
    writeFileSync(join(dir, `registry-${body.serial}.json`), JSON.stringify(forged));
    const findings = await look(changed(() => ({ registry: { dir } })));
    assert.deepEqual(levels(findings, 'registry'), ['fail']);
  });
});
