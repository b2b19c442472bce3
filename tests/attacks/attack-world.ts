/** Three real gateways started once: bank-a attacks regulator-r; police-p shares a group with each that the other is not in. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { cast } from '../../src/demo/cast.ts';
import { foundAlliance, type FoundedAlliance } from '../../src/demo/found-alliance.ts';
import { nextRegistry } from '../../src/federation/alliance.ts';
import { signFreshness } from '../../src/federation/registry/freshness.ts';
import { signRegistry } from '../../src/federation/registry/registry-document.ts';
import type { RegistryBody } from '../../src/federation/registry/registry-types.ts';
import { openGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { importSigningKey, type SigningKey } from '../../src/wire/jws.ts';
import { closeConnections } from '../exchange/send.ts';
import { adjustableClock, wireBetween, type AdjustableTime, type WireWorld } from '../exchange/wire-world.ts';
import { untilSequencing } from '../world/alliance.ts';
import { testCluster } from '../world/database.ts';
import { openWatch, type Watch } from './watch.ts';
import { makeStock, withStock, type Stock } from './stock.ts';

export const ids = ['bank-a', 'regulator-r', 'police-p'] as const;
export type AttackMember = (typeof ids)[number];

export interface AttackWorld extends WireWorld {
  readonly founded: FoundedAlliance;
  readonly gateways: Readonly<Record<AttackMember, Gateway>>;
  /** The same forge, from and to others. */
  readonly wires: Readonly<Record<'police', WireWorld>>;
  readonly watch: Watch;
  readonly time: AdjustableTime;
  readonly stock: Stock;
  readonly freshnessKey: SigningKey;
  /** Says anew which registry is current, by the tests' clock. */
  refresh(): Promise<void>;
}

/** All attackers come from one address; limits are attacked in a world of their own. */
const WIDE_DOOR = { newConnectionsPerSecond: 10_000, memberConnections: 512, handshakesPerAddress: 512 };

const NEVER_MS = 24 * 3_600_000;

export async function openAttackWorld(): Promise<AttackWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-attacks-'));
  const founded = await foundAlliance({
    directory,
    cluster: await testCluster(),
    members: cast
      .filter(({ id }) => (ids as readonly string[]).includes(id))
      .map((member) => (member.id === 'bank-a' ? { ...member, people: [] } : member)),
    databasePrefix: `t${randomBytes(4).toString('hex')}_`,
  });
  const time = adjustableClock();
  const watch = await openWatch();
  const opened: Gateway[] = [];
  for (const { configPath } of founded.members) {
    const config = readConfig(configPath);
    const sized = {
      ...config,
      blobs: { ...config.blobs, reserveBytes: 0 },
      peer: { ...config.peer, limits: WIDE_DOOR },
      // What goes by the clock would stand in the ledgers that the judge compares: here all is asked for.
      registry: { ...config.registry, peerPollMs: 0, pollMs: NEVER_MS },
      deliveries: { catchUp: false },
    };
    opened.push(await openGateway(sized, pino({ level: 'info' }, watch.logs), time.clock));
  }
  for (const gateway of opened) await untilSequencing(gateway);
  const gateways = Object.fromEntries(opened.map((gateway) => [gateway.config.member, gateway])) as Record<
    AttackMember,
    Gateway
  >;
  const parts = { receiver: gateways['regulator-r'], ca: founded.ca, time };
  const freshnessKey = await keyAt(join(directory, 'alliance', 'freshness.jwk'));
  const refresh = async (): Promise<void> => {
    const { registry } = gateways['regulator-r'];
    const statement = await signFreshness(registry.current(), freshnessKey, { now: time.clock() });
    await writeFile(join(directory, 'alliance', 'registry', 'freshness.json'), JSON.stringify(statement));
    await Promise.all(opened.map((gateway) => gateway.registry.refresh()));
  };
  const stock = await makeStock(founded, gateways['bank-a']);
  await publish(founded, withStock(founded.registry.body, stock));
  await Promise.all(opened.map((gateway) => gateway.registry.refresh()));
  await refresh();
  const [bank, police] = await Promise.all([
    wireBetween({ ...parts, sender: gateways['bank-a'] }),
    wireBetween({ ...parts, sender: gateways['police-p'] }),
  ]);
  const world = { ...bank, founded, gateways, wires: { police }, watch, time, stock, freshnessKey, refresh };
  const close = async (): Promise<void> => {
    for (const wire of [world, police]) closeConnections(wire);
    await Promise.all(opened.map((gateway) => gateway.close()));
    await Promise.all([bank.close(), police.close(), watch.close()]);
    await rm(directory, { recursive: true, force: true });
  };
  return Object.assign(world, { close });
}

/** The second registry lists the attackers' certificates and keys too: each attack then breaks one rule alone. */
async function publish(founded: FoundedAlliance, change: Partial<RegistryBody>): Promise<void> {
  const body = nextRegistry(founded.registry, change, { now: new Date() });
  const document = await signRegistry(body, founded.operatorKeys.slice(0, 2));
  const path = join(founded.directory, 'alliance', 'registry', 'registry-2.json');
  await writeFile(path, JSON.stringify(document));
}

async function keyAt(path: string): Promise<SigningKey> {
  return importSigningKey(JSON.parse(await readFile(path, 'utf8')) as never);
}
