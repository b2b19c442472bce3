/** The packet: canonical, by its schema, of this bag, and its items and annexes are the files that lie beside it. */
import { isCanonical, type JsonObject } from '../../core/canonical.ts';
import { isGatewayError } from '../../core/errors.ts';
import { CASE_GRAPH, PACKET } from '../container/names.ts';
import type { Packet } from '../packet-types.ts';
import { bagText, type BundleContents } from './bundle-contents.ts';
import type { CheckList } from './check-list.ts';
import type { Fault } from '../container/fault.ts';

export type SchemaCheck = (id: string, value: unknown) => void;

/** The packet when its schema admits it: only then may a later check read its fields. */
export function checkPacket(
  contents: BundleContents,
  schemaCheck: SchemaCheck,
  list: CheckList,
): Packet | undefined {
  const value = readCanonical(bagText(contents, PACKET));
  const graph = readCanonical(bagText(contents, CASE_GRAPH));
  list.rule('E-JSON', 'packet.json and case.jsonld are canonical JSON (RFC 8785)', [
    ...(value === undefined ? [notCanonical(contents, PACKET)] : []),
    ...(graph === undefined ? [notCanonical(contents, CASE_GRAPH)] : []),
  ]);
  if (value === undefined) return undefined;
  const version = value['specVersion'];
  const schemaId = `urn:lianzheng:schema:packet:${typeof version === 'string' ? version : 'none'}`;
  const faults = schemaFaults(contents, schemaCheck, { id: schemaId, value });
  list.rule('E-SCHEMA', `the packet fits ${schemaId}`, faults);
  if (faults.length > 0) return undefined;
  // The schema has just shown that it is one.
  const packet = value as unknown as Packet;
  list.rule('E-ID', 'the packet is the one that the bag is named after', idFaults(contents, packet));
  list.rule(
    'E-ITEM',
    'items and annexes of the packet are exactly the files of the bag',
    fileFaults(contents, packet),
  );
  return packet;
}

/** Bytes that are not the canonical form of what they parse to (a duplicate key, a space) are refused as a whole. */
export function readCanonical(bytes: Buffer | undefined): JsonObject | undefined {
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const object = typeof value === 'object' && value !== null && !Array.isArray(value);
    return object && isCanonical(value, bytes) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

function schemaFaults(
  contents: BundleContents,
  schemaCheck: SchemaCheck,
  { id, value }: { readonly id: string; readonly value: JsonObject },
): Fault[] {
  try {
    schemaCheck(id, value);
    return [];
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    const facts = Object.keys(error.facts).length > 0 ? ` ${JSON.stringify(error.facts)}` : '';
    return [{ message: `${error.message}${facts}`, path: `${contents.bag}/${PACKET}` }];
  }
}

function idFaults({ bag, bagFiles }: BundleContents, packet: Packet): Fault[] {
  const path = `${bag}/${PACKET}`;
  const faults: Fault[] = [];
  if (packet.packetId !== `urn:uuid:${bag}`) faults.push({ message: `packetId is ${packet.packetId}`, path });
  const info = bagFiles.get('bag-info.txt')?.content?.toString('latin1') ?? '';
  if (!info.startsWith(`Source-Organization: ${packet.sender.member}\n`)) {
    faults.push({ message: `bag-info.txt names another organisation than ${packet.sender.member}`, path });
  }
  return faults;
}

function fileFaults(contents: BundleContents, packet: Packet): Fault[] {
  const listed = [...packet.items, ...packet.annexes];
  const paths = new Set(listed.map(({ path }) => `data/${path}`));
  const unlisted = [...contents.bagFiles.keys()]
    .filter((name) => /^data\/(items|forms)\//.test(name) && !paths.has(name))
    .map((name) => ({ message: 'the packet does not list this file', path: `${contents.bag}/${name}` }));
  const repeated = paths.size < listed.length ? [{ message: 'two items or annexes name the same file' }] : [];
  return [...repeated, ...unlisted, ...listed.flatMap((each) => listedFaults(contents, each))];
}

function listedFaults(
  contents: BundleContents,
  { path, size, digests }: Packet['items'][number] | Packet['annexes'][number],
): Fault[] {
  const file = contents.bagFiles.get(`data/${path}`);
  const place = `${contents.bag}/data/${path}`;
  if (file === undefined) return [{ message: 'the packet lists this file, the bag lacks it', path: place }];
  if (file.size !== size) {
    return [
      { message: `the packet says ${String(size)} bytes, the file has ${String(file.size)}`, path: place },
    ];
  }
  const message = 'the file differs from its digest in the packet';
  if (file.sha256 !== digests.sha256) {
    return [{ message, path: place, expected: digests.sha256, actual: file.sha256 }];
  }
  if (file.sm3 !== digests.sm3) return [{ message, path: place, expected: digests.sm3, actual: file.sm3 }];
  return [];
}

function notCanonical({ bag }: BundleContents, name: string): Fault {
  return { message: 'missing, or not the canonical form of a JSON object', path: `${bag}/${name}` };
}
