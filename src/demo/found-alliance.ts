/** Founds an alliance in a directory: authority, operators, members, the first signed registry, freshness. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programSchemas } from '../config.ts';
import { anchorsOf, firstRegistry, type Anchors } from '../federation/alliance.ts';
import { signFreshness } from '../federation/registry/freshness.ts';
import {
  readRegistry,
  signRegistry,
  type VerifiedRegistry,
} from '../federation/registry/registry-document.ts';
import { createRegistryView, type RegistryView } from '../federation/registry/registry-view.ts';
import type { RegistryJwk, RegistryMember } from '../federation/registry/registry-types.ts';
import { createAuthority, type Authority } from '../pki/authority.ts';
import { writePrivateFile } from '../pki/private-file.ts';
import type { EmbeddedPostgres } from '../storage/embedded-postgres.ts';
import { provisionDatabase, type ProvisionedDatabase } from '../storage/provision-database.ts';
import { generateSealKey, importSigningKey, type SigningKey } from '../wire/jws.ts';
import { parseStrictJson } from '../wire/json/strict-json.ts';
import { ALLIANCE, grantsUntil, groupsOf, type CastMember } from './cast.ts';
import { foundMember, type FoundedMember } from './found-member.ts';

export interface FoundedAlliance {
  readonly directory: string;
  readonly members: readonly FoundedMember[];
  readonly anchorsPath: string;
  readonly anchors: Anchors;
  readonly registry: VerifiedRegistry;
  readonly operatorKeys: readonly SigningKey[];
  readonly ca: Authority;
  /** Writes a new freshness statement for the registry given, or the first one. */
  refresh(view?: RegistryView): Promise<void>;
}

export interface FoundingOptions {
  readonly directory: string;
  readonly cluster: EmbeddedPostgres;
  readonly members: readonly CastMember[];
  /** Keeps databases of several alliances on one cluster apart. */
  readonly databasePrefix?: string;
  /** false: no member must cosign; for an alliance of which only one gateway runs. */
  readonly witnessed?: boolean;
  /** Default: the demo's. */
  readonly alliance?: string;
}

interface OperatorKey {
  readonly signing: SigningKey;
  readonly jwk: RegistryJwk;
}

const OPERATORS = 3;
const THRESHOLD = 2;

export async function foundAlliance(options: FoundingOptions): Promise<FoundedAlliance> {
  const { directory, cluster, members, alliance = ALLIANCE } = options;
  const home = join(directory, 'alliance');
  await mkdir(join(home, 'registry'), { recursive: true, mode: 0o700 });
  const ids = members.map((member) => member.id);
  const [ca, operators, freshness, databases] = await Promise.all([
    authority(home, alliance),
    Promise.all(Array.from({ length: OPERATORS }, (_, at) => keyPair(join(home, `operator-${at + 1}.jwk`)))),
    keyPair(join(home, 'freshness.jwk')),
    databasesFor(cluster, ids, options.databasePrefix),
  ]);
  const now = new Date();
  const founding = { alliance, directory, ca, now, databases };
  const founded = await Promise.all(members.map((member) => foundMember(founding, member)));
  const registry = await publishFirst({
    alliance,
    ca,
    operators,
    freshness,
    members: founded,
    now,
    witnessed: options.witnessed ?? true,
  });
  const anchors = anchorsOf([registry], registry.body.operators);
  await writeFile(join(home, 'registry', 'registry-1.json'), JSON.stringify(registry.document));
  await writeFile(join(home, 'anchors.json'), JSON.stringify(anchors, null, 2));
  const refresh = freshnessWriter(join(home, 'registry'), freshness.signing, createRegistryView(registry));
  await refresh();
  const operatorKeys = operators.map((operator) => operator.signing);
  return {
    directory,
    members: founded,
    anchorsPath: join(home, 'anchors.json'),
    anchors,
    registry,
    operatorKeys,
    ca,
    refresh,
  };
}

async function databasesFor(
  cluster: EmbeddedPostgres,
  members: readonly string[],
  prefix = '',
): Promise<ReadonlyMap<string, ProvisionedDatabase>> {
  const made = members.map(async (member) => {
    const name = `${prefix}${member.replaceAll(/[^a-z0-9]/g, '_')}`;
    return [member, await provisionDatabase(cluster, name)] as const;
  });
  return new Map(await Promise.all(made));
}

async function authority(home: string, alliance: string): Promise<Authority> {
  const ca = await createAuthority({ name: '联证演示根 Lianzheng demo CA', alliance });
  await writePrivateFile(join(home, 'ca.key'), ca.keyPem);
  await writeFile(join(home, 'ca.crt'), ca.certPem);
  return ca;
}

async function keyPair(path: string): Promise<OperatorKey> {
  const { privateJwk, publicJwk, kid } = await generateSealKey('Ed25519');
  await writePrivateFile(path, JSON.stringify(privateJwk));
  return { signing: await importSigningKey(privateJwk), jwk: { ...publicJwk, kid, alg: 'Ed25519' } };
}

interface Publication {
  readonly alliance: string;
  readonly ca: Authority;
  readonly operators: readonly OperatorKey[];
  readonly freshness: OperatorKey;
  readonly members: readonly FoundedMember[];
  readonly now: Date;
  readonly witnessed: boolean;
}

/** Two other members must have cosigned; an alliance of fewer than three has nobody to ask. */
function witnessPolicy(members: readonly RegistryMember[]): string | null {
  if (members.length < 3) return null;
  const lines = members.map(({ id, gateways, ledger }) => {
    return `witness ${id} ${ledger.witnessVkey} https://${gateways[0]?.authority}/witness`;
  });
  const names = members.map(({ id }) => id).join(' ');
  return [...lines, `group members 2 ${names}`, 'quorum members', ''].join('\n');
}

/** Two of the three operators sign, as the threshold asks. */
async function publishFirst({
  alliance,
  ca,
  operators,
  freshness,
  members,
  now,
  witnessed,
}: Publication): Promise<VerifiedRegistry> {
  const schemas = programSchemas();
  const operatorSet = { threshold: THRESHOLD, keys: operators.map((operator) => operator.jwk) };
  const notAfter = new Date(now.getTime() + 365 * 86_400_000).toISOString();
  const body = firstRegistry(
    {
      alliance,
      operators: operatorSet,
      freshnessKey: freshness.jwk,
      cas: [ca.certPem],
      members: members.map((member) => member.registered),
      groups: groupsOf(members.map((member) => member.cast)),
      grants: grantsUntil(notAfter),
      schemas: schemas.ids().map((id) => ({ id, sha256: schemas.digest(id) })),
      witnessPolicy: witnessed ? witnessPolicy(members.map((member) => member.registered)) : null,
    },
    { now },
  );
  const signers = operators.slice(0, THRESHOLD).map((operator) => operator.signing);
  const document = JSON.stringify(await signRegistry(body, signers));
  return readRegistry(parseStrictJson(Buffer.from(document)), operatorSet, schemas);
}

function freshnessWriter(directory: string, key: SigningKey, first: RegistryView) {
  let current = first;
  return async (view?: RegistryView): Promise<void> => {
    current = view ?? current;
    const statement = await signFreshness(current, key, { now: new Date() });
    const path = join(directory, 'freshness.json');
    await writeFile(`${path}.new`, JSON.stringify(statement));
    await rename(`${path}.new`, path);
  };
}
