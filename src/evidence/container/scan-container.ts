/** Walks a container from its first byte to its last, hashing each file once and comparing every byte between files. */
import { digestEntry, type OpenContainer, type ScannedFile } from './digest-entry.ts';
import type { CodedFault } from './fault.ts';
import type { ListedEntry } from './read-container.ts';
import { centralRecord, endRecords, localHeader, type ZipEntry } from './zip-records.ts';

export interface ContainerScan {
  readonly files: ReadonlyMap<string, ScannedFile>;
  readonly faults: readonly CodedFault[];
  /** False when the walk had to stop: files behind that place were not read. */
  readonly complete: boolean;
}

export type ScanProgress = (done: number, total: number) => void;

/** APPNOTE 4.3.7. */
const CRC_AT = 14;

/**
 * Untrusted input. The records around the files are computed anew from names, sizes and CRC;
 * any difference from what stands in the file is a fault, so that no byte of the archive is free to change.
 */
export async function scanContainer(
  container: OpenContainer,
  entries: readonly ListedEntry[],
  onProgress: ScanProgress = () => undefined,
): Promise<ContainerScan> {
  const files = new Map<string, ScannedFile>();
  const faults: CodedFault[] = [];
  const records: ZipEntry[] = [];
  let offset = 0;
  for (const entry of entries) {
    const start = offset + localHeader({ ...entry, offset, crc32: 0 }).length;
    if (entry.offset !== offset || start + entry.size > container.size) {
      faults.push(
        form(entry.name, `its local header must start at byte ${String(offset)}, without gap or overlap`),
      );
      return { files, faults, complete: false };
    }
    const { header, file, crc } = await digestEntry(container, { ...entry, offset, start });
    const record = { name: entry.name, size: entry.size, offset, crc32: storedCrc(header) };
    faults.push(...compare(localHeader(record), header, entry.name, offset));
    if (crc !== record.crc32) faults.push(wrongCrc(entry.name, record.crc32, crc));
    files.set(entry.name, file);
    records.push(record);
    offset = start + entry.size;
    onProgress(offset, container.size);
  }
  const central = Buffer.concat(records.map(centralRecord));
  const tail = Buffer.concat([central, endRecords(records.length, offset, central.length)]);
  faults.push(...(await compareTail(container, tail, offset)));
  return { files, faults, complete: true };
}

async function compareTail(container: OpenContainer, tail: Buffer, offset: number): Promise<CodedFault[]> {
  const expectedSize = offset + tail.length;
  if (expectedSize !== container.size) {
    const sizes = `the archive must have ${String(expectedSize)} bytes, it has ${String(container.size)}`;
    return [
      { code: 'E-ZIP-FORM', message: `${sizes}: bytes were added, removed or a comment stands at its end` },
    ];
  }
  return compare(tail, await readAt(container, offset, tail.length), undefined, offset);
}

async function readAt({ handle }: OpenContainer, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

/** Names the first byte that differs. */
function compare(expected: Buffer, actual: Buffer, path: string | undefined, offset: number): CodedFault[] {
  if (expected.equals(actual)) return [];
  const at = expected.findIndex((byte, index) => byte !== actual[index]);
  const hex = (bytes: Buffer): string => bytes.subarray(at, at + 4).toString('hex');
  const message = `byte ${String(offset + at)} between the files differs from the form of this profile`;
  const found = { code: 'E-ZIP-FORM', message, expected: hex(expected), actual: hex(actual) };
  return [path === undefined ? found : { ...found, path }];
}

/** The central directory must repeat the CRC that the local header holds; the bytes must have it. */
function storedCrc(header: Buffer): number {
  return header.readUInt32LE(CRC_AT);
}

function wrongCrc(path: string, expected: number, actual: number): CodedFault {
  const hex = (crc: number): string => crc.toString(16).padStart(8, '0');
  const message = 'the bytes of the file differ from its CRC';
  return { code: 'E-ZIP-CRC', message, path, expected: hex(expected), actual: hex(actual) };
}

function form(path: string, message: string): CodedFault {
  return { code: 'E-ZIP-FORM', message, path };
}
