/** Composition of the registry: from the directory and from peers, with alarms that log, count and stay as evidence. */
import type { Logger } from 'pino';
import { Counter, type Registry as Metrics } from 'prom-client';
import type { GatewayConfig } from '../../config.ts';
import type { Clock } from '../../core/clock.ts';
import type { PeerClient } from '../../federation/peers/peer-client.ts';
import {
  openRegistryKeeper,
  type RegistryKeeper,
  type RegistryKeeperOptions,
} from '../../federation/registry/registry-keeper.ts';
import { startPeerRounds } from '../../federation/registry/peers/peer-rounds.ts';
import { createRegistryServer, type RegistryServer } from '../../federation/registry/peers/serve-registry.ts';
import { readRoles } from '../processes/roles.ts';
import { openingsOf } from '../standing.ts';
import type { SchemaRegistry } from '../../wire/schema-registry.ts';

export interface RegistryDeps extends Omit<
  RegistryKeeperOptions,
  'directory' | 'pollMs' | 'graceSeconds' | 'openings' | 'onAlarm' | 'onError'
> {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function openRegistry({ config, logger, metrics, ...deps }: RegistryDeps): Promise<RegistryKeeper> {
  const { dir, pollMs, graceSeconds } = config.registry;
  const alarms = new Counter({
    name: 'lianzheng_registry_alarms_total',
    help: 'Forks, rollbacks and freezes of the registry that were found',
    labelNames: ['code'],
    registers: [metrics],
  });
  return openRegistryKeeper({
    ...deps,
    directory: dir,
    ...openingsOf(config, deps.schemas),
    ...(pollMs === undefined ? {} : { pollMs }),
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
    onError: (error) => logger.error({ err: error }, 'registry work failed'),
    onAlarm: ({ code, serial, sha256, source, heldSha256, stopsTraffic }) => {
      alarms.inc({ code });
      logger.error(
        { code, serial, sha256, source, heldSha256, stopsTraffic },
        'the registry is contradicted',
      );
    },
  });
}

export interface RegistryExchangeDeps {
  readonly config: GatewayConfig;
  readonly registry: RegistryKeeper;
  readonly peers: Pick<PeerClient, 'call'>;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Asks past the gates of live traffic: a stale gateway becomes fresh by this, and by nothing else. */
export function startRegistryExchange(
  deps: RegistryExchangeDeps,
): RegistryServer & { close(): Promise<void> } {
  const { config, registry, peers, schemas, clock, logger } = deps;
  const { peerPollMs } = config.registry;
  const told = new Map<string, string>();
  const rounds = startPeerRounds({
    client: peers,
    registry,
    schemas,
    clock,
    member: config.member,
    ...(peerPollMs === undefined ? {} : { roundMs: peerPollMs }),
    // Still asks a peer that claims a newer registry; the rest it has from the process that makes the rounds.
    ...(readRoles(config.roles).has('clock') ? {} : { roundMs: 0 }),
    // A peer that stays away is told of once, not twice a minute.
    onError: (error, peer) => {
      const why = error instanceof Error ? error.message : 'it failed';
      if (told.get(peer) === why) return;
      told.set(peer, why);
      logger.warn({ peer, why }, 'the registry could not be had from a peer');
    },
    onStale: (error) =>
      logger.error(
        { err: error },
        'neither the directory nor a peer has a fresh statement: live traffic waits',
      ),
  });
  const server = createRegistryServer(registry, (peer) => rounds.hint(peer));
  return { ...server, close: () => rounds.close() };
}
