/** A signed bundle of a regulator's packet, and ways to build ones that differ in exactly one thing. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { canonicalJson, type JsonObject } from '../../src/core/canonical.ts';
import { sha256Hex, sm3Hex } from '../../src/core/digest.ts';
import {
  planContainer,
  type ContainerInput,
  type PlannedFile,
} from '../../src/evidence/making/container-plan.ts';
import { centralRecord, endRecords, localHeader } from '../../src/evidence/container/zip-records.ts';
import { custodyOf, writeCustody } from '../../src/evidence/packet/custody.ts';
import type { Packet } from '../../src/evidence/packet-types.ts';
import { verifyBundle, type BundleReport, type BundleTrust } from '../../src/evidence/verify-bundle.ts';
import { writeContainer } from '../../src/evidence/making/write-container.ts';
import { mergeSignatures, signDetached } from '../../src/pki/cms.ts';
import { x5t } from '../../src/pki/thumbprint.ts';
import { loadSchemas } from '../../src/wire/schema-registry.ts';
import { people, type People, type Person } from '../pki/people.ts';

export const PACKET_ID = '018f3b1e-7a00-7000-8000-0000000000a1';
export const REGISTRY = { serial: 3, sha256: 'ab'.repeat(32) };
const schemas = loadSchemas(fileURLToPath(new URL('../../schemas', import.meta.url)));

export interface NamedFile {
  readonly name: string;
  readonly content: Buffer;
}

export const flow = Buffer.from('时间,金额\n2026-01-05,60000000\n');

export function planned(path: string, content: Buffer): PlannedFile {
  const digests = { sha256: sha256Hex(content), sm3: sm3Hex(content) };
  return { path, size: content.length, ...digests, open: () => Readable.from([content]) };
}

/** A lead notice with one item, signed by two handlers. */
export function packetOf(world: People, changes: Partial<Packet> = {}): Packet {
  const organisation = (member: string): Packet['sender'] => ({
    member,
    uscc: '11999999MB0TEAT01C',
    name: '某监管局',
    region: '999999',
    level: '省',
    role: 'regulator',
  });
  return {
    packetId: `urn:uuid:${PACKET_ID}`,
    specVersion: '1.0.0',
    packetType: 'LEAD_NOTICE',
    docNo: '某金移〔2026〕1号',
    createdAt: '2026-02-01T01:00:00Z',
    sender: organisation('regulator'),
    receiver: organisation('police'),
    copyTo: [],
    legalBasis: [{ instrument: 'Order310', article: '3', version: '2020-08-07' }],
    purpose: 'LEAD_VERIFICATION',
    compartment: 'REG',
    onwardUse: 'none',
    noticeStatus: { status: 'deferred', reason: '侦查前' },
    caseSummary: '白户骗贷',
    origin: 'MODEL_NO_COMPLAINT',
    suspectedOffences: [],
    amounts: [],
    places: [],
    subjects: [{ ref: 'P1', role: '组织者' }],
    counterIndications: [],
    priorPenalties: [],
    urgentMeasures: [],
    requests: [],
    annexes: [],
    items: [itemOf(flow)],
    signatories: [signatory('HANDLER', '张三', world.zhang), signatory('HANDLER', '李四', world.li)],
    registry: REGISTRY,
    ...changes,
  };
}

export function itemOf(content: Buffer, path = 'items/0001/flow.csv'): Packet['items'][number] {
  return {
    itemNo: '0001',
    evidenceType: 'ELECTRONIC_DATA',
    category: 'transaction records',
    fileName: '流水.csv',
    path,
    format: 'text/csv',
    size: content.length,
    digests: { sha256: sha256Hex(content), sm3: sm3Hex(content) },
    source: {
      system: 'core',
      owner: '91999999MA0TE9T0AN',
      generation: 'export',
      storage: 'WORM',
      clockOffset: '0 s',
    },
    originalMedium: 'not moved',
    method: { code: 'EXPORT_BY_HOLDER', standard: 'GA/T 1476', tool: 'export', version: '1' },
    reproducible: 'yes',
    alterations: 'none',
    identifiedAt: '2026-01-10T01:00:00Z',
    collectedAt: '2026-01-11T01:00:00Z',
    collectedBy: ['张三', '李四'],
    holder: '某银行',
    recordRef: 'A7-1',
    backup: 'kept',
    convertibility: 'DIRECT',
    grade: { jrt0197: 3, pfi: 'C2', nfra: 'sensitive' },
    pii: [],
    relevance: 'shows the loop',
    retention: { until: '2036-01-01', rule: '反洗钱法 34', action: 'return' },
  };
}

export function signatory(
  role: Packet['signatories'][number]['role'],
  name: string,
  person: Person,
): Packet['signatories'][number] {
  return { role, name, x5t: x5t(person.certPem) };
}

export function inputOf(packet: Packet, changes: Partial<ContainerInput> = {}): ContainerInput {
  return {
    packetId: PACKET_ID,
    packet: JSON.parse(canonicalJson(packet)) as JsonObject,
    custody: writeCustody(custodyOf(packet, [])),
    caseGraph: { '@context': {}, '@graph': [] },
    files: [planned('items/0001/flow.csv', flow)],
    baggingDate: new Date('2026-02-01T00:00:00Z'),
    ...changes,
  };
}

/** The bytes of the container, signed by these people. */
export async function bundleOf(
  input: ContainerInput,
  signers: readonly Person[],
  at = new Date(),
): Promise<Buffer> {
  const plan = planContainer(input);
  const signatures = await Promise.all(signers.map((signer) => signDetached(plan.manifest, signer, at)));
  const chunks: Buffer[] = [];
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await writeContainer(plan, mergeSignatures(signatures), out);
  return Buffer.concat(chunks);
}

/** An archive in the profile's form with any files: what an attacker with our writer would make. */
export function archiveOf(files: readonly NamedFile[]): Buffer {
  let offset = 0;
  const parts = files.map(({ name, content }) => {
    const record = { name, size: content.length, crc32: crc32(content), offset };
    const bytes = Buffer.concat([localHeader(record), content]);
    offset += bytes.length;
    return { record, bytes };
  });
  const central = Buffer.concat(parts.map(({ record }) => centralRecord(record)));
  return Buffer.concat([
    ...parts.map(({ bytes }) => bytes),
    central,
    endRecords(files.length, offset, central.length),
  ]);
}

/** The files of an archive that `archiveOf` or the writer made. */
export function filesOf(archive: Buffer): NamedFile[] {
  const files: NamedFile[] = [];
  for (let at = 0; archive.readUInt32LE(at) === 0x04034b50;) {
    const start = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28);
    const size = archive.readUInt32LE(at + 22);
    const name = archive.toString('latin1', at + 30, at + 30 + archive.readUInt16LE(at + 26));
    files.push({ name, content: archive.subarray(start, start + size) });
    at = start + size;
  }
  return files;
}

export async function trustOf(
  changes: Partial<Record<'zhang' | 'li' | 'wang', readonly string[]>> = {},
): Promise<BundleTrust> {
  const world = await people();
  const roles = { zhang: ['HANDLER'], li: ['HANDLER'], wang: ['APPROVER'], ...changes };
  const life = { nbf: 0, exp: 4_000_000_000, member: 'regulator' };
  const signers = new Map(
    (['zhang', 'li', 'wang'] as const).map((id) => [x5t(world[id].certPem), { ...life, roles: roles[id] }]),
  );
  return {
    registryAt: (serial, sha256) =>
      serial === REGISTRY.serial && sha256 === REGISTRY.sha256
        ? { cas: [world.authority.certPem], signer: (thumbprint) => signers.get(thumbprint) }
        : undefined,
    schemaCheck: (id, value) => schemas.validate(id, value),
  };
}

export async function verifyBytes(bundle: Buffer, trust?: BundleTrust): Promise<BundleReport> {
  const file = join(await mkdtemp(join(tmpdir(), 'lz-bundle-')), 'x.asice');
  await writeFile(file, bundle);
  return verifyBundle(file, trust ?? (await trustOf()));
}

/** Codes of the failed checks, each once. */
export function failures(report: BundleReport): string[] {
  return [...new Set(report.checks.filter(({ ok }) => !ok).map(({ code }) => code))].sort();
}
