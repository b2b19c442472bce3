/** A small real alliance for tests: founded as the demo founds it, its gateways in this process, real TLS and PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { readConfig, type GatewayConfig } from '../../src/config.ts';
import { systemClock, type Clock } from '../../src/core/clock.ts';
import { cast, type CastMember } from '../../src/demo/cast.ts';
import { foundAlliance, type FoundedAlliance } from '../../src/demo/found-alliance.ts';
import { openGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { testCluster } from './database.ts';

export interface TestAlliance {
  readonly founded: FoundedAlliance;
  readonly directory: string;
  gateway(member: string): Gateway;
  start(member: string): Promise<Gateway>;
  stop(member: string): Promise<void>;
  close(): Promise<void>;
}

export interface TestAllianceOptions {
  /** Ids of the demo cast; default all five. */
  readonly members?: readonly string[];
  /** Officers cost an RSA key each: default none. */
  readonly people?: boolean;
  readonly clock?: Clock;
  /** Takes every log line, down to debug, instead of the terminal. */
  readonly log?: (line: string) => void;
  readonly change?: Partial<GatewayConfig>;
  /** Changes what a gateway reads from its file. Default: no rounds in which peers are asked for the registry. */
  readonly configure?: (config: GatewayConfig) => GatewayConfig;
  /** In place of a silent one. */
  readonly logger?: Logger;
}

export async function openTestAlliance(options: TestAllianceOptions = {}): Promise<TestAlliance> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-test-'));
  const wanted = cast.filter((member) => options.members?.includes(member.id) ?? true);
  const members = options.people === true ? wanted : wanted.map(withoutPeople);
  const databasePrefix = `t${randomBytes(4).toString('hex')}_`;
  const founded = await foundAlliance({ directory, cluster: await testCluster(), members, databasePrefix });
  const logger = options.logger ?? loggerOf(options);
  const { configure = withoutRounds } = options;
  const gateways = new Map<string, Gateway>();
  const start = async (member: string): Promise<Gateway> => {
    const configPath = founded.members.find(({ cast: { id } }) => id === member)?.configPath ?? '';
    const config = configure({ ...readConfig(configPath), ...options.change });
    const opened = await openGateway(config, logger.child({ at: member }), options.clock ?? systemClock);
    gateways.set(member, opened);
    return opened;
  };
  for (const { cast: member } of founded.members) await start(member.id);
  for (const opened of gateways.values()) await untilSequencing(opened);
  return {
    start,
    stop: async (member) => {
      await gateways.get(member)?.close();
      gateways.delete(member);
    },
    founded,
    directory,
    gateway: (member) => {
      const found = gateways.get(member);
      if (found === undefined) throw new Error(`no gateway ${member} in this test alliance`);
      return found;
    },
    close: async () => {
      await Promise.all([...gateways.values()].map((gateway) => gateway.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Its witnesses have confirmed its ledger, and the registry's adoption stands in it. */
export async function untilSequencing(gateway: Gateway): Promise<void> {
  while ((await gateway.ledger.latest()).size === 0) await sleep(10);
}

function loggerOf({ log }: TestAllianceOptions): Logger {
  if (log === undefined) return pino({ level: process.env['LIANZHENG_TEST_LOG'] ?? 'silent' });
  return pino({ level: 'debug' }, { write: log });
}

/** Their calls would stand between two looks at a database. */
function withoutRounds(config: GatewayConfig): GatewayConfig {
  return { ...config, registry: { ...config.registry, peerPollMs: 0 }, deliveries: { catchUp: false } };
}

function withoutPeople(member: CastMember): CastMember {
  return { ...member, people: [] };
}
