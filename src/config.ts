/** A gateway's configuration: read once, checked against its schema, paths made absolute, frozen. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GatewayError } from './core/errors.ts';
import {
  memberLimitsOf,
  peerLimitsOf,
  type MemberLimitSettings,
  type PeerLimitSettings,
} from './gateway/limits.ts';
import { readRoles } from './gateway/processes/roles.ts';
import { loadSchemas, type SchemaRegistry } from './wire/schema-registry.ts';

export interface GatewayConfig {
  readonly alliance: string;
  readonly member: string;
  readonly gateway: string;
  readonly database: { readonly url: string; readonly ownerUrl?: string; readonly poolSize?: number };
  readonly peer: {
    readonly host: string;
    readonly port: number;
    readonly authority: string;
    readonly maxConnections?: number;
    readonly allowedSkewSeconds?: number;
    readonly limits?: PeerLimitSettings;
  };
  readonly memberPlane: {
    readonly host: string;
    readonly port: number;
    readonly issuer: string;
    readonly audience: string;
    readonly jwks: string;
    readonly tls?: { readonly key: string; readonly cert: string };
    readonly limits?: MemberLimitSettings;
    /** A listener of its own for health and metrics. */
    readonly health?: { readonly host: string; readonly port: number };
  };
  readonly keys: Readonly<Record<'tlsKey' | 'tlsCert' | 'seal' | 'ledger' | 'index', string>> & {
    /** Key that the ledger goes on with once the registry lists it; default `<ledger>.next`, may be absent. */
    readonly ledgerNext?: string;
    /** How long the registry must have listed a new TLS certificate or seal key before it is used; default 90. */
    readonly switchAfterSeconds?: number;
    /** Without it this gateway cosigns nobody's checkpoints. */
    readonly witness?: string;
  };
  readonly anchors: string;
  readonly registry: {
    readonly dir: string;
    readonly pollMs?: number;
    /** Between rounds in which peers are asked. */
    readonly peerPollMs?: number;
    /** How long past its end a freshness statement still counts. */
    readonly graceSeconds?: number;
    /** Directory with the openings of hidden groups that this member is in. */
    readonly openings?: string;
  };
  readonly blobs: { readonly dir: string; readonly quotaBytes: number; readonly reserveBytes?: number };
  readonly ledger?: { readonly minimumIndex?: number };
  /** What this process does of the gateway's work; default all of it. */
  readonly roles?: readonly string[];
  readonly allowPrivateNetworks?: boolean;
  /** `catchUp` false: groups' feeds are read only when somebody asks. */
  readonly deliveries?: { readonly catchUp?: boolean };
  /** Seconds between red health and the end of taking requests: how long a load balancer needs to notice. */
  readonly shutdown?: { readonly drainSeconds?: number };
  /** Directory for refused requests of peers; only `serve --capture` sets it. */
  readonly capture?: string;
  readonly log?: { readonly level?: string };
  /** Where spans are sent: the member's own collector, by OTLP over HTTP. */
  readonly telemetry?: { readonly otlpEndpoint?: string };
}

/** Private files; the optional ones only where they are set. */
export const KEY_FILES = ['tlsKey', 'seal', 'ledger', 'index', 'witness'] as const;
const SCHEMA = 'urn:lianzheng:schema:gateway-config:1.0.0';
/** Root of the installed program: schemas/, openapi.yaml, samples/. Compiled files lie one level deeper. */
export const programRoot = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '..' : '../..', import.meta.url),
);

export function programSchemas(): SchemaRegistry {
  return loadSchemas(resolve(programRoot, 'schemas'));
}

/** Throws `config.invalid` that names the setting and the mend. */
export function readConfig(path: string, schemas: SchemaRegistry = programSchemas()): GatewayConfig {
  const config = parseConfig(path, schemas);
  refuseOpenListener(config);
  peerLimitsOf(config);
  memberLimitsOf(config);
  readRoles(config.roles);
  for (const name of KEY_FILES) {
    const path = config.keys[name];
    if (path !== undefined) refuseOpenKey(path);
  }
  return Object.freeze(config);
}

/** What the file says, by its schema; whether one may serve with it is asked by `readConfig`. */
export function parseConfig(path: string, schemas: SchemaRegistry = programSchemas()): GatewayConfig {
  const value = readJson(path);
  try {
    schemas.validate(SCHEMA, value);
  } catch (cause) {
    const facts = cause instanceof GatewayError ? JSON.stringify(cause.facts) : '';
    throw new GatewayError('config.invalid', `${path} breaks schemas/gateway-config.json: ${facts}`, {
      cause,
    });
  }
  return absolutePaths(value, dirname(resolve(path)));
}

function readJson(path: string): never {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as never;
  } catch (cause) {
    throw new GatewayError('config.invalid', `${path} cannot be read as JSON; name the file with --config`, {
      cause,
    });
  }
}

function absolutePaths(config: GatewayConfig, base: string): GatewayConfig {
  const from = (path: string): string => resolve(base, path);
  return {
    ...config,
    keys: {
      tlsKey: from(config.keys.tlsKey),
      tlsCert: from(config.keys.tlsCert),
      seal: from(config.keys.seal),
      ledger: from(config.keys.ledger),
      ledgerNext: from(config.keys.ledgerNext ?? `${config.keys.ledger}.next`),
      index: from(config.keys.index),
      ...(config.keys.switchAfterSeconds === undefined
        ? {}
        : { switchAfterSeconds: config.keys.switchAfterSeconds }),
      ...(config.keys.witness === undefined ? {} : { witness: from(config.keys.witness) }),
    },
    memberPlane: memberPlaneFrom(config.memberPlane, from),
    anchors: from(config.anchors),
    registry: {
      ...config.registry,
      dir: from(config.registry.dir),
      ...(config.registry.openings === undefined ? {} : { openings: from(config.registry.openings) }),
    },
    blobs: { ...config.blobs, dir: from(config.blobs.dir) },
  };
}

function memberPlaneFrom(
  plane: GatewayConfig['memberPlane'],
  from: (path: string) => string,
): GatewayConfig['memberPlane'] {
  const jwks = plane.jwks.startsWith('https://') ? plane.jwks : from(plane.jwks);
  if (plane.tls === undefined) return { ...plane, jwks };
  return { ...plane, jwks, tls: { key: from(plane.tls.key), cert: from(plane.tls.cert) } };
}

/** Bearer tokens never cross a network in clear. */
export function refuseOpenListener(config: GatewayConfig): void {
  const { host, tls } = config.memberPlane;
  if (tls !== undefined || host === '127.0.0.1' || host === '::1' || host === 'localhost') return;
  throw new GatewayError(
    'config.invalid',
    `memberPlane.host ${host} without memberPlane.tls: bind 127.0.0.1 behind a TLS proxy, or set tls.key and tls.cert`,
  );
}

export function refuseOpenKey(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    throw new GatewayError(
      'config.invalid',
      `key file ${path} does not exist; make keys with lianzheng enrol`,
    );
  if ((found.mode & 0o077) !== 0)
    throw new GatewayError('config.invalid', `key file ${path} is readable by others; run chmod 600 ${path}`);
}
