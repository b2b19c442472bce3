/** One member of the demonstration alliance: its keys, certificates, officers, ports and configuration file. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayConfig } from '../config.ts';
import type {
  MemberKey,
  RegistryMember,
  RegistrySigner,
  Validity,
} from '../federation/registry/registry-types.ts';
import { createWitnessKey, witnessName } from '../ledger/notes/cosignature.ts';
import { createLedgerKey } from '../ledger/notes/note.ts';
import type { Authority } from '../pki/authority.ts';
import { issueCertificate } from '../pki/issue.ts';
import { writePkcs12 } from '../pki/pkcs12.ts';
import { writePrivateFile } from '../pki/private-file.ts';
import { generateRsaKey } from '../pki/private-key.ts';
import { createRequest } from '../pki/request.ts';
import { x5t } from '../pki/thumbprint.ts';
import { freePort } from '../storage/embedded-postgres.ts';
import type { ProvisionedDatabase } from '../storage/provision-database.ts';
import { generateSealKey } from '../wire/jws.ts';
import { REGION, type CastMember, type Person } from './cast.ts';

export interface Founding {
  readonly alliance: string;
  /** Holds alliance/ and members/. */
  readonly directory: string;
  readonly ca: Authority;
  readonly now: Date;
  readonly databases: ReadonlyMap<string, ProvisionedDatabase>;
}

export interface FoundedMember {
  readonly cast: CastMember;
  readonly directory: string;
  readonly configPath: string;
  readonly config: GatewayConfig;
  readonly registered: RegistryMember;
}

const DAY_MS = 86_400_000;
const GATEWAY_DAYS = 89;
const OFFICER_DAYS = 365;
const GATEWAY = 'gw1';
const BLOB_QUOTA_BYTES = 20 * 1024 ** 3;

/** Makes what the member itself would make with `lianzheng enrol`; private keys never leave its directory. */
export async function foundMember(founding: Founding, cast: CastMember): Promise<FoundedMember> {
  const directory = join(founding.directory, 'members', cast.id);
  await mkdir(join(directory, 'people'), { recursive: true, mode: 0o700 });
  const ports = { peer: await freePort(), member: await freePort() };
  const authority = `127.0.0.1:${ports.peer}`;
  const [certificate, seal, signers] = await Promise.all([
    gatewayCertificate(founding, { cast, directory }),
    sealKey(founding, directory),
    Promise.all(cast.people.map((person) => officer(founding, { cast, directory, person }))),
    issuerKey(directory),
    writePrivateFile(join(directory, 'index.key'), randomBytes(32).toString('base64url')),
  ]);
  const ledger = await ledgerKey(directory, `${founding.alliance}.example/${cast.id}/log`);
  const config = configOf(founding, { cast, directory, ports });
  const configPath = join(directory, 'config.json');
  await writeFile(configPath, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  const { id, name, uscc, role } = cast;
  return {
    cast,
    directory,
    configPath,
    config,
    registered: {
      id,
      name,
      uscc,
      region: REGION,
      level: 'city',
      roles: [role],
      status: 'active',
      gateways: [{ authority, certs: [certificate] }],
      keys: [seal],
      signers,
      ledger,
    },
  };
}

interface Place {
  readonly cast: CastMember;
  readonly directory: string;
}

async function gatewayCertificate(founding: Founding, { cast, directory }: Place) {
  const keyPem = await generateRsaKey();
  await writePrivateFile(join(directory, 'tls.key'), keyPem);
  const life = lifeOf(founding.now, GATEWAY_DAYS);
  const certPem = issueCertificate({
    ca: founding.ca,
    csrPem: createRequest('gateway', { commonName: `${cast.id} ${GATEWAY}` }, keyPem),
    profile: 'gateway',
    names: {
      uri: `urn:lianzheng:${founding.alliance}:${cast.id}:${GATEWAY}`,
      dns: ['localhost'],
      ip: ['127.0.0.1'],
    },
    ...life,
  });
  await writeFile(join(directory, 'tls.crt'), certPem);
  return { x5t: x5t(certPem), ...inSeconds(life) };
}

async function officer(
  founding: Founding,
  { cast, directory, person }: Place & { person: Person },
): Promise<RegistrySigner> {
  const keyPem = await generateRsaKey();
  const life = lifeOf(founding.now, OFFICER_DAYS);
  const certPem = issueCertificate({
    ca: founding.ca,
    csrPem: createRequest('officer', { commonName: person.name, organization: cast.name }, keyPem),
    profile: 'officer',
    names: { uri: `urn:lianzheng:${founding.alliance}:${cast.id}:person:${person.id}` },
    ...life,
  });
  const password = randomBytes(12).toString('base64url');
  const file = join(directory, 'people', person.id);
  await writePrivateFile(
    `${file}.p12`,
    writePkcs12({ certPem, keyPem, chain: [founding.ca.certPem] }, password),
  );
  await writePrivateFile(`${file}.password`, password);
  await writeFile(`${file}.crt`, certPem);
  return { x5t: x5t(certPem), roles: person.roles, ...inSeconds(life) };
}

async function sealKey(founding: Founding, directory: string): Promise<MemberKey> {
  const { privateJwk, publicJwk, kid } = await generateSealKey('Ed25519');
  await writePrivateFile(join(directory, 'seal.jwk'), JSON.stringify(privateJwk));
  const life = inSeconds(lifeOf(founding.now, OFFICER_DAYS));
  return { kid, jwk: publicJwk, alg: 'Ed25519', use: 'seal', ...life };
}

async function ledgerKey(directory: string, origin: string) {
  const { privateKey, vkey } = createLedgerKey(origin);
  await writePrivateFile(join(directory, 'ledger.key'), `${privateKey}\n`);
  const witness = createWitnessKey(witnessName(origin));
  await writePrivateFile(join(directory, 'witness.key'), `${witness.privateKey}\n`);
  return { origin, vkey, witnessVkey: witness.vkey };
}

/** The member's own OAuth issuer, reduced to its key: `lianzheng token` mints with it. */
async function issuerKey(directory: string): Promise<void> {
  const { privateJwk, publicJwk } = await generateSealKey('ES256');
  await writePrivateFile(join(directory, 'issuer.jwk'), JSON.stringify(privateJwk));
  await writeFile(join(directory, 'jwks.json'), JSON.stringify({ keys: [publicJwk] }));
}

function configOf(
  founding: Founding,
  place: Place & { ports: { peer: number; member: number } },
): GatewayConfig {
  const { cast, directory, ports } = place;
  const database = founding.databases.get(cast.id);
  if (database === undefined) throw new TypeError(`no database for ${cast.id}`);
  const at = (...parts: readonly string[]): string => join(directory, ...parts);
  const alliance = (...parts: readonly string[]): string => join(founding.directory, 'alliance', ...parts);
  return {
    alliance: founding.alliance,
    member: cast.id,
    gateway: GATEWAY,
    database: { url: database.url, ownerUrl: database.ownerUrl, poolSize: 16 },
    peer: { host: '127.0.0.1', port: ports.peer, authority: `127.0.0.1:${ports.peer}` },
    memberPlane: {
      host: '127.0.0.1',
      port: ports.member,
      issuer: `https://issuer.${cast.id}.example`,
      audience: `urn:lianzheng:${founding.alliance}:${cast.id}`,
      jwks: at('jwks.json'),
    },
    keys: {
      tlsKey: at('tls.key'),
      tlsCert: at('tls.crt'),
      seal: at('seal.jwk'),
      ledger: at('ledger.key'),
      index: at('index.key'),
      witness: at('witness.key'),
    },
    anchors: alliance('anchors.json'),
    registry: { dir: alliance('registry') },
    blobs: { dir: at('blobs'), quotaBytes: BLOB_QUOTA_BYTES, reserveBytes: 1024 ** 3 },
    allowPrivateNetworks: true,
    log: { level: 'info' },
  };
}

function lifeOf(now: Date, days: number): { readonly nbf: Date; readonly exp: Date } {
  return { nbf: new Date(now.getTime() - 60_000), exp: new Date(now.getTime() + days * DAY_MS) };
}

function inSeconds({ nbf, exp }: { readonly nbf: Date; readonly exp: Date }): Validity {
  return { nbf: Math.floor(nbf.getTime() / 1000), exp: Math.floor(exp.getTime() / 1000) };
}
