/** The bag's tag files (BagIt 1.0, RFC 8493): written, and the manifests read back in the same strict form. */
import { sha256Hex, sm3Hex, type DualDigest } from '../../core/digest.ts';
import { GatewayError } from '../../core/errors.ts';
import { byName, nameFault } from './names.ts';

export type BagAlgorithm = 'sha256' | 'sm3';
export const BAG_ALGORITHMS: readonly BagAlgorithm[] = ['sha256', 'sm3'];

export interface BagFile extends DualDigest {
  /** Relative to the bag, e.g. `data/packet.json`. */
  readonly name: string;
  readonly size: number;
}

export interface TagFile {
  readonly name: string;
  readonly content: Buffer;
}

export interface BagInfo {
  readonly packetId: string;
  readonly organisation: string;
  readonly baggingDate: Date;
}

export const BAGIT_TXT = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';
const LINE = /^([0-9a-f]{64}) {2}(.+)$/;

/** All tag files of a bag with this payload, sorted. Each tag manifest covers every tag file that is no tag manifest. */
export function tagFiles(payload: readonly BagFile[], info: BagInfo): TagFile[] {
  const covered = [
    tag('bagit.txt', BAGIT_TXT),
    tag('bag-info.txt', bagInfo(payload, info)),
    ...BAG_ALGORITHMS.map((algorithm) => tag(`manifest-${algorithm}.txt`, manifest(payload, algorithm))),
  ].sort(byName);
  const digested = covered.map(({ name, content }) => ({
    name,
    size: content.length,
    sha256: sha256Hex(content),
    sm3: sm3Hex(content),
  }));
  const tagManifests = BAG_ALGORITHMS.map((algorithm) =>
    tag(`tagmanifest-${algorithm}.txt`, manifest(digested, algorithm)),
  );
  return [...covered, ...tagManifests].sort(byName);
}

/** `Payload-Oxum`: octets and number of payload files. */
export function payloadOxum(payload: readonly { readonly size: number }[]): string {
  return `${String(payload.reduce((sum, { size }) => sum + size, 0))}.${String(payload.length)}`;
}

/** Untrusted input. Path → digest, in order. Throws `bundle.invalid` on any line of another form, order or repetition. */
export function readBagManifest(content: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let previous = '';
  for (const line of linesOf(content)) {
    const [, digest, path] = LINE.exec(line) ?? [];
    if (digest === undefined || path === undefined || nameFault(path) !== undefined) {
      throw new GatewayError('bundle.invalid', `expected '<digest>  <path>', got '${line.slice(0, 120)}'`);
    }
    if (path <= previous) throw new GatewayError('bundle.invalid', `'${path}' is repeated or out of order`);
    previous = path;
    found.set(path, digest);
  }
  return found;
}

export function bagInfo(payload: readonly BagFile[], info: BagInfo): string {
  return [
    `Source-Organization: ${info.organisation}`,
    `External-Identifier: urn:uuid:${info.packetId}`,
    `Bagging-Date: ${info.baggingDate.toISOString().slice(0, 10)}`,
    `Payload-Oxum: ${payloadOxum(payload)}`,
    '',
  ].join('\n');
}

function manifest(files: readonly BagFile[], algorithm: BagAlgorithm): string {
  return files.map((file) => `${file[algorithm]}  ${file.name}\n`).join('');
}

function linesOf(content: Buffer): string[] {
  const text = content.toString('latin1');
  if (!text.endsWith('\n')) throw new GatewayError('bundle.invalid', 'the last line has no line feed');
  return text.slice(0, -1).split('\n');
}

function tag(name: string, text: string): TagFile {
  return { name, content: Buffer.from(text, 'utf8') };
}
