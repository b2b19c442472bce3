import assert from 'node:assert/strict';
import { linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGateways, refuseShared, type OpenedGateways } from '../../src/gateway/compartments.ts';
import { readConfig, type GatewayConfig } from '../../src/config.ts';
import { cast, FEATURE_GROUP } from '../../src/demo/cast.ts';
import { foundAlliance, type FoundedAlliance } from '../../src/demo/found-alliance.ts';
import { countFeatures } from '../../src/features/list.ts';
import { pushFeatures } from '../../src/features/push.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { verifyLedgers } from '../../src/ledger/verify.ts';
import { ledgerTrust, readTrust } from '../../src/cli/trust.ts';
import { programSchemas } from '../../src/config.ts';
import { untilSequencing } from '../world/alliance.ts';
import { testCluster } from '../world/database.ts';

/** bank-a is a member of two alliances and runs one process; the insurer of each is a process of its own, as it were. */
describe('several alliances in one process', function () {
  this.timeout(120_000);
  const directory = mkdtempSync(join(tmpdir(), 'lz-alliances-'));
  const alliances: FoundedAlliance[] = [];
  let bank: OpenedGateways;
  const insurers: OpenedGateways[] = [];
  before(async () => {
    const members = cast
      .filter(({ id }) => id === 'bank-a' || id === 'insurer-b')
      .map((member) => ({ ...member, people: [] }));
    for (const alliance of ['north-alliance', 'south-alliance']) {
      const home = join(directory, alliance);
      const databasePrefix = `t${process.pid}_${alliance.slice(0, 5)}_`;
      const founded = await foundAlliance({
        ...{ directory: home, cluster: await testCluster(), members, databasePrefix, alliance },
      });
      alliances.push(founded);
      quiet(founded);
    }
    for (const { members: founded } of alliances) insurers.push(await openGateways([founded[1]!.configPath]));
    bank = await openGateways(paths());
    for (const { gateway } of [bank, ...insurers].flatMap(({ gateways }) => gateways))
      await untilSequencing(gateway);
  });
  after(async () => {
    await bank.close();
    for (const insurer of insurers) await insurer.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const paths = (): string[] => alliances.map(({ members }) => members[0]!.configPath);
  const configs = (): { path: string; config: GatewayConfig }[] =>
    paths().map((path) => ({ path, config: readConfig(path) }));
  function quiet({ members }: FoundedAlliance): void {
    for (const { configPath } of members) {
      const config = JSON.parse(readFileSync(configPath, 'utf8')) as object;
      writeFileSync(configPath, JSON.stringify({ ...config, log: { level: 'silent' } }));
    }
  }
  const features = async ({ features: deps }: Gateway): Promise<number> =>
    (await countFeatures(deps, FEATURE_GROUP)).features;

  it('each exchanges with its own alliance, into a ledger of its own', async () => {
    const [north, south] = bank.gateways.map(({ gateway }) => gateway);
    assert.ok(north && south, 'two gateways');
    await pushFeatures(north.features, {
      ...{ group: FEATURE_GROUP, purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'], actor: 'tester' },
      lines: [{ type: 'domain', value: 'north-only.example', confidence: 90 }],
    });
    await north.delivery.idle();
    const [northern, southern] = insurers.map(({ gateways }) => gateways[0]!.gateway);
    assert.deepEqual(await Promise.all([northern!, southern!, north, south].map(features)), [1, 0, 1, 0]);
    assert.notEqual(north.ledger.origin, south.ledger.origin);
    for (const [at, pair] of [
      [north, northern!],
      [south, southern!],
    ].entries()) {
      const exports = pair.map(({ config, database }) => ({
        directory: join(directory, `export-${at}-${config.member}`),
        source: databaseSource(database),
      }));
      for (const { directory: to, source } of exports) await exportLedger(source, to);
      const trust = ledgerTrust(await readTrust(alliances[at]!.anchorsPath, programSchemas()));
      const report = await verifyLedgers(
        exports.map(({ directory: to }) => to),
        trust,
      );
      assert.ok(report.ok, JSON.stringify(report));
    }
  });

  it('one that cannot start stops all, and says which', async () => {
    await bank.close();
    const [first, second] = paths();
    const broken = join(directory, 'broken.json');
    const config = JSON.parse(readFileSync(second!, 'utf8')) as GatewayConfig;
    writeFileSync(broken, JSON.stringify({ ...config, peer: { ...config.peer, authority: '127.0.0.1:1' } }));
    await assert.rejects(openGateways([first!, broken]), {
      code: 'config.invalid',
      message: /broken\.json: .*no gateway was started/,
    });
    // Nothing of the first is left: its ports and its database are free.
    bank = await openGateways(paths());
  });

  it('refuses what two of them share', () => {
    const [one, other] = configs();
    assert.ok(one && other, 'two configurations');
    refuseShared([one, other]);
    const link = join(directory, 'link.jwk');
    symlinkSync(one.config.keys.seal, link);
    const hard = join(directory, 'hard.key');
    linkSync(one.config.keys.ledger, hard);
    const { config } = other;
    const cases: readonly (readonly [RegExp, Partial<GatewayConfig>])[] = [
      [/the alliance north-alliance/, { alliance: 'north-alliance' }],
      [
        /the database/,
        { database: { url: one.config.database.url.replace(/\/\/[^@]*@/, '//somebody:else@') } },
      ],
      [/blobs\.dir/, { blobs: { ...config.blobs, dir: join(one.config.blobs.dir, 'inside') } }],
      [/registry\.dir/, { registry: { dir: one.config.registry.dir } }],
      [/the listener/, { peer: { ...config.peer, host: '0.0.0.0', port: one.config.memberPlane.port } }],
      [
        /memberPlane\.audience/,
        { memberPlane: { ...config.memberPlane, audience: one.config.memberPlane.audience } },
      ],
      [/keys\.seal/, { keys: { ...config.keys, seal: link } }],
      [/keys\.ledger/, { keys: { ...config.keys, ledger: hard } }],
      [/keys\.tlsKey/, { keys: { ...config.keys, tlsKey: one.config.keys.tlsKey } }],
    ];
    for (const [message, change] of cases) {
      assert.throws(() => refuseShared([one, { path: 'b.json', config: { ...config, ...change } }]), {
        code: 'config.invalid',
        message,
      });
    }
  });
});
