/** What a container will hold, down to every byte but the signature: from a packet, its logs and its files. */
import type { Readable } from 'node:stream';
import { canonicalBytes, type JsonObject } from '../../core/canonical.ts';
import { sha256Hex, sm3Hex } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { UUID } from '../../core/ids.ts';
import { writeAsicManifest } from '../container/asic-manifest.ts';
import { tagFiles, type BagFile } from '../container/bag.ts';
import {
  byName,
  CASE_GRAPH,
  CUSTODY,
  foldName,
  MANIFEST,
  MIMETYPE,
  MIMETYPE_CONTENT,
  nameFault,
  PACKET,
} from '../container/names.ts';
import { centralRecord, endRecords, localHeader } from '../container/zip-records.ts';

export interface PlannedFile {
  /** Below data/, e.g. `items/0001/flow.csv`. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly sm3: string;
  /** Called twice: for the CRC that stands before the bytes, and for the bytes. */
  open(): Readable;
}

export interface ContainerInput {
  /** A bare UUID: also the name of the bag's directory. */
  readonly packetId: string;
  readonly packet: JsonObject;
  /** JSON lines, the last one ended too. */
  readonly custody: string;
  readonly caseGraph: JsonObject;
  readonly files: readonly PlannedFile[];
  readonly baggingDate: Date;
}

export interface PlannedEntry {
  /** Name in the container. */
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  /** Bytes at hand, or where to read them. */
  readonly content: Buffer | (() => Readable);
}

export interface ContainerPlan {
  /** META-INF/ASiCManifest001.xml: what people sign. */
  readonly manifest: Buffer;
  readonly manifestSha256: string;
  /** Bytes of the container before the signature's are added; `containerSize` adds them. */
  readonly totalSize: number;
  /** The files outside META-INF in the order they are written. */
  readonly entries: readonly PlannedEntry[];
}

/** Pure: the same input gives the same plan. Throws `packet.invalid` on a name that may not stand in a container. */
export function planContainer(input: ContainerInput): ContainerPlan {
  if (!UUID.test(input.packetId)) refuse(`packetId must be a lower-case UUID, got '${input.packetId}'`);
  const texts = payloadTexts(input);
  const payload = [
    ...texts.map(digested),
    ...input.files.map(({ path, size, sha256, sm3 }) => ({ name: `data/${path}`, size, sha256, sm3 })),
  ].sort(byName);
  assertNames(payload);
  const info = {
    packetId: input.packetId,
    organisation: organisation(input.packet),
    baggingDate: input.baggingDate,
  };
  const bag = [...texts, ...tagFiles(payload, info)].map(contentEntry).concat(input.files.map(fileEntry));
  const entries = bag.map((entry) => ({ ...entry, name: `${input.packetId}/${entry.name}` })).sort(byName);
  const manifest = writeAsicManifest(entries);
  const head = [
    { name: MIMETYPE, size: MIMETYPE_CONTENT.length },
    { name: MANIFEST, size: manifest.length },
  ];
  return { manifest, manifestSha256: sha256Hex(manifest), totalSize: sizeOf([...head, ...entries]), entries };
}

/** Size of an archive that stores these entries in this order. */
export function sizeOf(entries: readonly { readonly name: string; readonly size: number }[]): number {
  let offset = 0;
  let central = 0;
  for (const { name, size } of entries) {
    const entry = { name, size, offset, crc32: 0 };
    offset += localHeader(entry).length + size;
    central += centralRecord(entry).length;
  }
  return offset + central + endRecords(entries.length, offset, central).length;
}

interface Text {
  readonly name: string;
  readonly content: Buffer;
}

function payloadTexts({ packet, caseGraph, custody }: ContainerInput): Text[] {
  if (custody !== '' && !custody.endsWith('\n')) refuse('the custody log must end with a line feed');
  return [
    { name: PACKET, content: canonicalBytes(packet) },
    { name: CASE_GRAPH, content: canonicalBytes(caseGraph) },
    { name: CUSTODY, content: Buffer.from(custody, 'utf8') },
  ];
}

/** `sender.member`; the bag's Source-Organization. */
function organisation(packet: JsonObject): string {
  const sender = packet['sender'] as JsonObject | undefined;
  const member = sender?.['member'];
  return typeof member === 'string' ? member : refuse('the packet names no sender.member');
}

function assertNames(payload: readonly BagFile[]): void {
  const seen = new Set<string>();
  for (const { name } of payload) {
    const fault = nameFault(name);
    if (fault !== undefined) refuse(`the path '${name}' ${fault}`);
    if (seen.has(foldName(name))) refuse(`the path '${name}' stands twice, or differs by case only`);
    seen.add(foldName(name));
  }
}

function digested({ name, content }: Text): BagFile {
  return { name, size: content.length, sha256: sha256Hex(content), sm3: sm3Hex(content) };
}

function contentEntry({ name, content }: Text): PlannedEntry {
  return { name, size: content.length, sha256: sha256Hex(content), content };
}

function fileEntry(file: PlannedFile): PlannedEntry {
  return { name: `data/${file.path}`, size: file.size, sha256: file.sha256, content: () => file.open() };
}

function refuse(message: string): never {
  throw new GatewayError('packet.invalid', message);
}
