/** Two real gateways whose registry a test may change, and whose ledgers it audits from their public files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerTrust, readTrust } from '../../src/cli/trust.ts';
import { programSchemas } from '../../src/config.ts';
import type { JsonValue } from '../../src/core/canonical.ts';
import { FEATURE_GROUP } from '../../src/demo/cast.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { anchorsOf, nextRegistry, type Anchors } from '../../src/federation/alliance.ts';
import { listDeliveries } from '../../src/federation/delivery/list-deliveries-store.ts';
import { readNext } from '../../src/federation/registry/registry-chain.ts';
import { signRegistry, type VerifiedRegistry } from '../../src/federation/registry/registry-document.ts';
import type { RegistryBody } from '../../src/federation/registry/registry-types.ts';
import { createRegistryView } from '../../src/federation/registry/registry-view.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { exportLedger } from '../../src/ledger/serving/export.ts';
import { databaseSource } from '../../src/ledger/serving/source.ts';
import { verifyLedgers, type LedgerReport } from '../../src/ledger/verify.ts';
import { openTestAlliance, type TestAlliance } from '../world/alliance.ts';

export const schemas = programSchemas();

export interface TwoMembers {
  readonly alliance: TestAlliance;
  bank(): Gateway;
  insurer(): Gateway;
  anchors(): Anchors;
  /** Publishes the next registry and has both gateways adopt it. */
  publish(change: (body: RegistryBody) => Partial<RegistryBody>): Promise<void>;
  /** Whether the insurer belongs to the group of features. */
  insurerInGroup(belongs: boolean): Promise<void>;
  /** Returns the id of the bank's newest delivery. */
  push(...lines: readonly { readonly type: string; readonly value: string }[]): Promise<string | undefined>;
  audit(): Promise<LedgerReport>;
  close(): Promise<void>;
}

export async function openTwoMembers(): Promise<TwoMembers> {
  const alliance = await openTestAlliance({ members: ['bank-a', 'insurer-b'] });
  const chain: VerifiedRegistry[] = [alliance.founded.registry];
  const bank = (): Gateway => alliance.gateway('bank-a');
  const insurer = (): Gateway => alliance.gateway('insurer-b');
  const anchors = (): Anchors => anchorsOf(chain, alliance.founded.anchors.operators);
  const publish: TwoMembers['publish'] = async (change) => {
    const previous = chain.at(-1)!;
    const body = nextRegistry(previous, change(previous.body), { now: new Date() });
    const document = await signRegistry(body, alliance.founded.operatorKeys.slice(0, 2));
    const { alliance: name, operators } = alliance.founded.anchors;
    const trust = { alliance: name, operators, schemas };
    chain.push(await readNext(JSON.parse(JSON.stringify(document)) as JsonValue, previous, trust));
    const directory = bank().config.registry.dir;
    writeFileSync(join(directory, `registry-${body.serial}.json`), JSON.stringify(document));
    await alliance.founded.refresh(createRegistryView(chain.at(-1)!));
    await Promise.all([bank().registry.refresh(), insurer().registry.refresh()]);
  };
  let audits = 0;
  return {
    alliance,
    bank,
    insurer,
    anchors,
    publish,
    insurerInGroup: (belongs) =>
      publish(({ groups }) => ({
        groups: groups.map((group) =>
          group.id === FEATURE_GROUP
            ? { ...group, members: belongs ? ['bank-a', 'insurer-b'] : ['bank-a'] }
            : group,
        ),
      })),
    push: async (...lines) => {
      const sharing = { group: FEATURE_GROUP, purpose: 'RISK_PREVENTION', legalBasis: ['PIPL-13'] };
      const all = lines.map((line) => ({ ...line, confidence: 95 }));
      await pushFeatures(bank().features, { ...sharing, actor: 'tester', lines: all, atomic: true });
      return (await listDeliveries(bank().database, { limit: 1 }))[0]?.mid;
    },
    audit: async () => {
      audits += 1;
      const path = join(alliance.directory, `anchors-${audits}.json`);
      writeFileSync(path, JSON.stringify(anchors()));
      const trust = ledgerTrust(await readTrust(path, schemas));
      const directories = [];
      for (const { config, database } of [bank(), insurer()]) {
        const directory = join(alliance.directory, `export-${audits}-${config.member}`);
        mkdirSync(directory);
        await exportLedger(databaseSource(database), directory);
        directories.push(directory);
      }
      return verifyLedgers(directories, trust);
    },
    close: () => alliance.close(),
  };
}
