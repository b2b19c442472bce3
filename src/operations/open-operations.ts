/** Health, metrics and traces of one gateway, composed: what the rooms are handed, and what is asked of them. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayConfig } from '../config.ts';
import { programRoot } from '../config.ts';
import type { DeliveryWorker } from '../federation/delivery/delivery.ts';
import type { PeerEvents } from '../http/peer/observe.ts';
import type { MemberServices } from '../http/member/services.ts';
import type { Database } from '../storage/database.ts';
import { DEFAULT_SKEW_SECONDS } from '../wire/exchange-token.ts';
import { peerEvents } from './events/exchange-events.ts';
import { backgroundFailed, expiring } from './events/house-events.ts';
import type { EventLogger, Teller } from './events/teller.ts';
import { startExpiryWatch } from './expiry-watch.ts';
import { aliveOf, readHealth } from './health.ts';
import { keepCaptures } from './keep-captures.ts';
import { createCounters } from './metrics/counters.ts';
import { registerGauge, registerGauges } from './metrics/gauges.ts';
import { openTracing, type Tracing } from './tracing.ts';
import { VitalSignsReader, type VitalSignsDeps } from './vital-signs.ts';

export interface Telling extends Teller {
  readonly metrics: Registry;
  readonly version: string;
  readonly tracing: Tracing;
}

/** What the peer plane tells; with a directory also every refused request, whole. */
export async function peerTelling(telling: Telling, capture: string | undefined): Promise<PeerEvents> {
  const events = peerEvents(telling);
  if (capture === undefined) return events;
  const onFull = (directory: string): void =>
    telling.logger.warn({ directory }, 'no more refused requests are kept: the directory is full');
  const onError = (error: unknown): void => backgroundFailed(telling, error);
  telling.logger.warn({ directory: capture }, 'refused requests are kept, with tokens and bodies');
  return { ...events, refused: await keepCaptures({ directory: capture, onFull, onError }) };
}

/** First of all, so that everything that opens after it can tell. */
export async function openTelling(config: GatewayConfig, logger: EventLogger): Promise<Telling> {
  const metrics = new Registry();
  const version = programVersion();
  collectDefaultMetrics({ register: metrics });
  new Gauge({
    name: 'lianzheng_build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'node', 'member', 'gateway'],
    registers: [metrics],
  }).set({ version, node: process.version, member: config.member, gateway: config.gateway }, 1);
  const tracing = await openTracing(config, version);
  return { logger, metrics, version, counters: createCounters(metrics), tracing };
}

export interface WatchedGateway extends VitalSignsDeps {
  readonly config: GatewayConfig;
  readonly pools: Readonly<Record<string, Database>>;
  readonly delivery: Pick<DeliveryWorker, 'circuits'>;
  readonly telling: Telling;
  readonly onError: (error: unknown) => void;
}

export interface Watch {
  readonly health: Pick<MemberServices, 'health' | 'alive'>;
  close(): void;
}

/** Once everything is there that has a state to be asked for. */
export function watchGateway(gateway: WatchedGateway): Watch {
  const { config, telling, onError, pools, delivery } = gateway;
  const signs = new VitalSignsReader(gateway);
  const skewSeconds = config.peer.allowedSkewSeconds ?? DEFAULT_SKEW_SECONDS;
  const deps = { member: config.member, version: telling.version, signs, skewSeconds };
  registerGauges(telling.metrics, deps);
  registerGauge(telling.metrics, {
    name: 'lianzheng_database_connections',
    help: 'Connections of a pool: open, idle; waiting are callers without one',
    labels: ['pool', 'state'],
    read: () => Object.entries(pools).flatMap(([pool, database]) => samplesOf({ pool }, database.usage())),
  });
  registerGauge(telling.metrics, {
    name: 'lianzheng_peer_circuit_open',
    help: '1 for each peer that is left alone for a while because calls to it failed again and again',
    labels: ['peer'],
    read: () =>
      delivery
        .circuits()
        .filter(({ state }) => state === 'open')
        .map(({ peer }) => ({ value: 1, labels: { peer } })),
  });
  const expiries = gateway.presence.roles.has('clock')
    ? startExpiryWatch({ signs, onNear: (expiry) => expiring(telling, expiry), onError })
    : undefined;
  return {
    health: { health: () => readHealth(deps), alive: () => aliveOf(deps) },
    close: () => expiries?.close(),
  };
}

function samplesOf(labels: Readonly<Record<string, string>>, states: object) {
  return Object.entries(states).map(([state, value]) => ({
    value: Number(value),
    labels: { ...labels, state },
  }));
}

function programVersion(): string {
  const text = readFileSync(join(programRoot, 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
