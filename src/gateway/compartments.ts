/** Several alliances in one process: one gateway for each, sharing nothing but the process (decision 0017). */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { Logger } from 'pino';
import { readConfig, type GatewayConfig } from '../config.ts';
import { GatewayError } from '../core/errors.ts';
import { openLog } from '../operations/log.ts';
import type { Gateway } from './gateway.ts';
import { readRoles } from './processes/roles.ts';

export interface OpenedGateways {
  readonly gateways: readonly { readonly gateway: Gateway; readonly logger: Logger }[];
  /** None is ready any more. */
  announceStop(): void;
  /** Closes all, side by side; one that fails to close does not keep the others open. */
  close(): Promise<void>;
}

interface Named {
  readonly path: string;
  readonly config: GatewayConfig;
}

/** Opens all or none. Throws config.invalid when two share what must be apart, and what a gateway throws, naming its file. */
export async function openGateways(
  paths: readonly string[],
  { capture, roles }: { readonly capture?: string; readonly roles?: readonly string[] } = {},
): Promise<OpenedGateways> {
  if (roles !== undefined) readRoles(roles);
  const read = paths.map((path) => ({ path, config: { ...readConfig(path), ...(roles && { roles }) } }));
  const named =
    capture === undefined ? read : read.map((one) => capturing(one, resolve(capture), read.length));
  refuseShared(named);
  const { openGateway } = await import('./gateway.ts');
  const gateways: { gateway: Gateway; logger: Logger }[] = [];
  const log = openLog();
  const close = async (): Promise<void> => {
    const closing = await Promise.allSettled(gateways.map(({ gateway }) => gateway.close()));
    const failed = closing.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  for (const { path, config } of named) {
    const { alliance, member, gateway: name } = config;
    const base = { member, gateway: name, ...(named.length === 1 ? {} : { alliance }) };
    const logger = log({ level: config.log?.level ?? 'info', base });
    try {
      gateways.push({ gateway: await openGateway(config, logger), logger });
    } catch (error) {
      await close();
      throw named.length === 1 ? error : naming(path, error);
    }
  }
  return {
    gateways,
    announceStop: () => {
      for (const { gateway } of gateways) gateway.announceStop();
    },
    close,
  };
}

/** What one alliance's peers were refused is nothing for another alliance's folder. */
function capturing({ path, config }: Named, directory: string, count: number): Named {
  return { path, config: { ...config, capture: count === 1 ? directory : join(directory, config.alliance) } };
}

/** Throws config.invalid that names both files and what they share. */
export function refuseShared(named: readonly Named[]): void {
  named.forEach((one, at) => {
    for (const other of named.slice(at + 1)) {
      const shared = sharedBy(one.config, other.config);
      if (shared === undefined) continue;
      throw new GatewayError(
        'config.invalid',
        `${one.path} and ${other.path} share ${shared}: each alliance needs its own`,
        { facts: { shared } },
      );
    }
  });
}

/** Anchors, TLS files of the member plane and the member's own issuer may be the same; what signs or stores may not. */
function sharedBy(one: GatewayConfig, other: GatewayConfig): string | undefined {
  if (one.alliance === other.alliance) return `the alliance ${one.alliance}`;
  if (databaseOf(one.database.url) === databaseOf(other.database.url))
    return `the database ${databaseOf(one.database.url)}`;
  if (overlap(one.blobs.dir, other.blobs.dir)) return `blobs.dir ${one.blobs.dir}`;
  if (overlap(one.registry.dir, other.registry.dir)) return `registry.dir ${one.registry.dir}`;
  const listener = listenersOf(one).find((a) => listenersOf(other).some((b) => sameListener(a, b)));
  if (listener !== undefined) return `the listener ${listener.host}:${listener.port}`;
  if (one.memberPlane.audience === other.memberPlane.audience)
    return `memberPlane.audience ${one.memberPlane.audience}: a token for one would open the other`;
  return sharedKey(one, other);
}

/** A name or a link does not make two keys of one. */
function sharedKey(one: GatewayConfig, other: GatewayConfig): string | undefined {
  const others = new Set(keyFiles(other).map(([, file]) => identityOf(file)));
  const found = keyFiles(one).find(([, file]) => others.has(identityOf(file)));
  return found && `the key file ${found[1]} (keys.${found[0]})`;
}

function keyFiles({ keys }: GatewayConfig): readonly (readonly [string, string])[] {
  const { tlsKey, seal, ledger, ledgerNext, index, witness } = keys;
  return Object.entries({ tlsKey, seal, ledger, ledgerNext, index, witness }).flatMap(([name, file]) =>
    file === undefined ? [] : [[name, file] as const],
  );
}

function identityOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? file : `${found.dev}:${found.ino}`;
}

function databaseOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  return `${searchParams.get('host') ?? hostname}:${port === '' ? '5432' : port}${pathname}`;
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [realOf(one), realOf(other)];
  return a === b || a.startsWith(`${b}${sep}`) || b.startsWith(`${a}${sep}`);
}

function realOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

interface Listener {
  readonly host: string;
  readonly port: number;
}

function listenersOf({ peer, memberPlane }: GatewayConfig): readonly Listener[] {
  return [peer, memberPlane];
}

function sameListener(one: Listener, other: Listener): boolean {
  const anywhere = [one.host, other.host].some((host) => host === '0.0.0.0' || host === '::');
  return one.port === other.port && (anywhere || one.host === other.host);
}

function naming(path: string, error: unknown): GatewayError {
  const { code, message } =
    error instanceof GatewayError ? error : { code: 'config.invalid' as const, message: String(error) };
  return new GatewayError(code, `${path}: ${message}; no gateway was started`, { cause: error });
}
