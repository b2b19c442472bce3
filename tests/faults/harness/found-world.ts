/** Founds the three members of the harness and puts a wire of ours before each gateway and before its database. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayConfig } from '../../../src/config.ts';
import { cast } from '../../../src/demo/cast.ts';
import { foundAlliance, type FoundedAlliance } from '../../../src/demo/found-alliance.ts';
import type { FoundedMember } from '../../../src/demo/found-member.ts';
import { freePort, type EmbeddedPostgres } from '../../../src/storage/embedded-postgres.ts';
import { provisionDatabase } from '../../../src/storage/provision-database.ts';
import type { GatewayPlace } from './gateway-process.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** A bank that shares features, a regulator that also transfers cases, the police that receive them. */
export const MEMBERS = ['bank-a', 'regulator-r', 'police-p'] as const;
export type Member = (typeof MEMBERS)[number];

export interface Foundation {
  readonly directory: string;
  /** Of every member that has none of its own. */
  readonly cluster: EmbeddedPostgres;
  readonly ownClusters?: Partial<Record<Member, EmbeddedPostgres>>;
  readonly blobs?: Partial<Record<Member, GatewayConfig['blobs']>>;
  readonly callerOf: (port: number) => string;
}

export interface FoundedPlace extends GatewayPlace {
  readonly founded: FoundedMember;
  readonly superuserUrl: string;
  /** At the authority that the registry lists; the gateway listens elsewhere. */
  readonly front: TcpProxy;
  readonly toDatabase: TcpProxy;
}

const REGISTRY_POLL_MS = 1000;
const NO_PEOPLE: readonly string[] = ['bank-a'];

export async function foundWorld(
  foundation: Foundation,
): Promise<{ readonly alliance: FoundedAlliance; readonly places: readonly FoundedPlace[] }> {
  const { directory, cluster } = foundation;
  const databasePrefix = `f${randomBytes(4).toString('hex')}_`;
  const members = cast
    .filter(({ id }) => (MEMBERS as readonly string[]).includes(id))
    .map((member) => (NO_PEOPLE.includes(member.id) ? { ...member, people: [] } : member));
  const alliance = await foundAlliance({ directory, cluster, members, databasePrefix });
  const places: FoundedPlace[] = [];
  for (const founded of alliance.members) places.push(await settle(foundation, founded));
  return { alliance, places };
}

async function settle(foundation: Foundation, founded: FoundedMember): Promise<FoundedPlace> {
  const { id } = founded.cast;
  const own = foundation.ownClusters?.[id as Member];
  const urls =
    own === undefined
      ? founded.config.database
      : await provisionDatabase(own, `own_${randomBytes(4).toString('hex')}`);
  const databaseUrl = new URL(urls.url);
  const port = await freePort();
  const front = await TcpProxy.open({
    target: { host: '127.0.0.1', port },
    port: founded.config.peer.port,
    callerOf: foundation.callerOf,
  });
  const toDatabase = await TcpProxy.open({ target: { host: '127.0.0.1', port: Number(databaseUrl.port) } });
  const throughProxy = Object.assign(new URL(databaseUrl), { port: String(toDatabase.port) });
  const { ownerUrl } = urls;
  const config: GatewayConfig = {
    ...founded.config,
    database: {
      ...founded.config.database,
      url: throughProxy.href,
      ...(ownerUrl === undefined ? {} : { ownerUrl }),
    },
    peer: { ...founded.config.peer, port },
    registry: { ...founded.config.registry, pollMs: REGISTRY_POLL_MS },
    blobs: foundation.blobs?.[id as Member] ?? { ...founded.config.blobs, reserveBytes: 0 },
  };
  const configPath = join(founded.directory, 'faults.json');
  writeFileSync(configPath, JSON.stringify(config), { mode: 0o600 });
  const superuserUrl = (own ?? foundation.cluster).url(databaseUrl.pathname.slice(1));
  return {
    member: id,
    directory: founded.directory,
    config,
    configPath,
    founded,
    superuserUrl,
    front,
    toDatabase,
  };
}
