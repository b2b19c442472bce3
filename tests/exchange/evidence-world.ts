/** A regulator with officers, a police unit with a small blob store and a bank: gateways whose member planes are asked. */
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { mintToken } from '../../src/cli/mint-token.ts';
import { readConfig } from '../../src/config.ts';
import { cast, TRANSFER_GROUP } from '../../src/demo/cast.ts';
import { foundAlliance, type FoundedAlliance } from '../../src/demo/found-alliance.ts';
import { assemblePacket } from '../../src/evidence/making/assemble.ts';
import type { PacketDraft } from '../../src/evidence/making/packet-draft.ts';
import type { Signatory } from '../../src/evidence/packet-types.ts';
import type { PacketRecord } from '../../src/evidence/packets.ts';
import { draftFromSample, type SampleCase } from '../../src/evidence/making/sample-case.ts';
import { addSignature, manifestOf } from '../../src/evidence/making/sign.ts';
import { openGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { signDetached } from '../../src/pki/cms.ts';
import { readPkcs12 } from '../../src/pki/pkcs12.ts';
import type { BlobInfo } from '../../src/storage/blob-store.ts';
import { importSigningKey } from '../../src/wire/jws.ts';
import { untilSequencing } from '../world/alliance.ts';
import { testCluster } from '../world/database.ts';
import { adjustableClock, type AdjustableTime } from './wire-world.ts';

export const ids = ['regulator-r', 'police-p', 'bank-a'] as const;
export type EvidenceMember = (typeof ids)[number];
export const POLICE_QUOTA = 1024 * 1024;
export const ACTOR = 'tester';

export interface EvidenceWorld {
  readonly founded: FoundedAlliance;
  readonly time: AdjustableTime;
  readonly gateways: Readonly<Record<EvidenceMember, Gateway>>;
  close(): Promise<void>;
}

export async function openEvidenceWorld(): Promise<EvidenceWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'lianzheng-evidence-'));
  const members = cast
    .filter(({ id }) => (ids as readonly string[]).includes(id))
    .map((member) => (member.id === 'bank-a' ? { ...member, people: [] } : member));
  const databasePrefix = `t${randomBytes(4).toString('hex')}_`;
  const founded = await foundAlliance({ directory, cluster: await testCluster(), members, databasePrefix });
  const time = adjustableClock();
  const opened: Gateway[] = [];
  for (const { cast: member, configPath } of founded.members) {
    const config = readConfig(configPath);
    const quotaBytes = member.id === 'police-p' ? POLICE_QUOTA : config.blobs.quotaBytes;
    const registry = { ...config.registry, peerPollMs: 0 };
    const deliveries = { catchUp: false };
    const blobs = { ...config.blobs, quotaBytes, reserveBytes: 0 };
    const sized = { ...config, registry, deliveries, blobs };
    opened.push(await openGateway(sized, pino({ level: 'silent' }), time.clock));
  }
  for (const gateway of opened) await untilSequencing(gateway);
  const gateways = Object.fromEntries(opened.map((gateway) => [gateway.config.member, gateway]));
  return {
    founded,
    time,
    gateways: gateways as EvidenceWorld['gateways'],
    close: async () => {
      await Promise.all(opened.map((gateway) => gateway.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** By the member's own issuer. */
export async function bearer(
  world: EvidenceWorld,
  member: EvidenceMember,
  scopes: readonly string[] = ['evidence:write', 'transfer:act'],
): Promise<string> {
  const founded = directoryOf(world, member);
  const key = await importSigningKey(
    JSON.parse(await readFile(join(founded, 'issuer.jwk'), 'utf8')) as never,
  );
  const { issuer, audience } = world.gateways[member].config.memberPlane;
  const claims = { issuer, audience, subject: ACTOR, scopes, lifetimeSeconds: 600 };
  return mintToken(key, claims, new Date());
}

export interface Post {
  readonly body: NonNullable<ConstructorParameters<typeof Response>[0]>;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: a good one. */
  readonly token?: string;
}

export async function post(
  world: EvidenceWorld,
  member: EvidenceMember,
  path: string,
  { body, type = 'application/json', headers = {}, token }: Post,
): Promise<Response> {
  const authorization = `Bearer ${token ?? (await bearer(world, member))}`;
  return fetch(`${world.gateways[member].memberUrl}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': type, authorization, ...headers },
    duplex: 'half',
  });
}

/** A transfer of sample case 1 to the police, whose first item has at least so many bytes. */
export async function caseDraft(world: EvidenceWorld, bytes = 0): Promise<PacketDraft> {
  const { evidence, registry } = world.gateways['regulator-r'];
  const sample = JSON.parse(
    await readFile(new URL('../../samples/cases/case-01.json', import.meta.url), 'utf8'),
  ) as SampleCase;
  const blobs: Record<string, BlobInfo> = {};
  for (const [itemNo, text] of Object.entries(sample.files)) {
    const more = Object.keys(blobs).length === 0 ? randomBytes(bytes) : Buffer.alloc(0);
    blobs[itemNo] = await evidence.blobs.put(Readable.from([Buffer.from(text), more]));
  }
  const { people } = cast.find(({ id }) => id === 'regulator-r')!;
  const signers = registry.current().member('regulator-r')?.signers ?? [];
  const signatories = people.map(
    ({ name, roles }, at) => ({ role: roles[0], name, x5t: signers[at]?.x5t }) as Signatory,
  );
  return draftFromSample(sample, { group: TRANSFER_GROUP, receiver: 'police-p', signatories, blobs });
}

export async function signedPacket(world: EvidenceWorld, bytes = 0): Promise<PacketRecord> {
  const { evidence } = world.gateways['regulator-r'];
  const { packetId } = await assemblePacket(evidence, await caseDraft(world, bytes), ACTOR);
  const manifest = await manifestOf(evidence, packetId);
  let record: PacketRecord | undefined;
  for (const { id } of cast.find((member) => member.id === 'regulator-r')!.people) {
    const file = join(directoryOf(world, 'regulator-r'), 'people', id);
    const person = readPkcs12(await readFile(`${file}.p12`), await readFile(`${file}.password`, 'utf8'));
    const cms = await signDetached(manifest, person, world.time.clock());
    record = await addSignature(evidence, { packetId, cms, actor: id });
  }
  return record!;
}

function directoryOf({ founded }: EvidenceWorld, member: EvidenceMember): string {
  return founded.members.find(({ cast: one }) => one.id === member)!.directory;
}
