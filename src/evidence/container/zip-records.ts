/**
 * The exact bytes of every ZIP record around the files (APPNOTE 6.3). Writer and verifier share them: the writer puts
 * them down, the verifier compares, so that an altered date, flag, attribute or stray byte is found though no digest
 * covers it. Entries are stored with size and CRC in the local header: a data descriptor after a stored entry, all
 * that yazl can stream, is refused by Java's ZipInputStream, which the EU's DSS validator reads with.
 */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly crc32: number;
  /** Offset of the local header. */
  readonly offset: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const VERSION = 20;
const VERSION_ZIP64 = 45;
const MADE_BY_UNIX = (3 << 8) | 63;
const FLAG_UTF8 = 1 << 11;
const METHOD_STORED = 0;
/** 1980-01-01 00:00:00, the zero of ZIP's clock. */
const DOS_TIME = 0;
const DOS_DATE = 0x21;
/** A regular file, rw-r--r--. */
const ATTRIBUTES = (0o100644 << 16) >>> 0;
const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;
const EXTRA_ZIP64 = 1;

export function localHeader(entry: ZipEntry): Buffer {
  const large = entry.size >= MAX_32;
  const extra = large ? zip64Extra([entry.size, entry.size]) : Buffer.alloc(0);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(LOCAL, 0);
  writeShared(head.subarray(4), entry, large);
  head.writeUInt16LE(extra.length, 28);
  return Buffer.concat([head, Buffer.from(entry.name, 'ascii'), extra]);
}

export function centralRecord(entry: ZipEntry): Buffer {
  const large = entry.size >= MAX_32;
  const far = entry.offset >= MAX_32;
  const fields = [...(large ? [entry.size, entry.size] : []), ...(far ? [entry.offset] : [])];
  const extra = fields.length > 0 ? zip64Extra(fields) : Buffer.alloc(0);
  const head = Buffer.alloc(46);
  head.writeUInt32LE(CENTRAL, 0);
  head.writeUInt16LE(MADE_BY_UNIX, 4);
  writeShared(head.subarray(6), entry, fields.length > 0);
  head.writeUInt32LE(Math.min(entry.size, MAX_32), 20);
  head.writeUInt32LE(Math.min(entry.size, MAX_32), 24);
  head.writeUInt16LE(extra.length, 30);
  head.writeUInt32LE(ATTRIBUTES, 38);
  head.writeUInt32LE(Math.min(entry.offset, MAX_32), 42);
  return Buffer.concat([head, Buffer.from(entry.name, 'ascii'), extra]);
}

/** The end of the archive, with ZIP64 records only when a number needs them. */
export function endRecords(count: number, start: number, size: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(Math.min(count, MAX_16), 8);
  end.writeUInt16LE(Math.min(count, MAX_16), 10);
  end.writeUInt32LE(Math.min(size, MAX_32), 12);
  end.writeUInt32LE(Math.min(start, MAX_32), 16);
  const zip64 = count >= MAX_16 || start >= MAX_32 || size >= MAX_32;
  return zip64 ? Buffer.concat([endRecords64(count, start, size), end]) : end;
}

/** Version needed to the name's length: the run of fields that both headers have in common. */
function writeShared(at: Buffer, entry: ZipEntry, zip64: boolean): void {
  at.writeUInt16LE(zip64 ? VERSION_ZIP64 : VERSION, 0);
  at.writeUInt16LE(FLAG_UTF8, 2);
  at.writeUInt16LE(METHOD_STORED, 4);
  at.writeUInt16LE(DOS_TIME, 6);
  at.writeUInt16LE(DOS_DATE, 8);
  at.writeUInt32LE(entry.crc32, 10);
  at.writeUInt32LE(Math.min(entry.size, MAX_32), 14);
  at.writeUInt32LE(Math.min(entry.size, MAX_32), 18);
  at.writeUInt16LE(entry.name.length, 22);
}

function zip64Extra(fields: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + fields.length * 8);
  extra.writeUInt16LE(EXTRA_ZIP64, 0);
  extra.writeUInt16LE(fields.length * 8, 2);
  for (const [index, field] of fields.entries()) extra.writeBigUInt64LE(BigInt(field), 4 + index * 8);
  return extra;
}

function endRecords64(count: number, start: number, size: number): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.writeUInt32LE(END_64, 0);
  end.writeBigUInt64LE(56n - 12n, 4);
  end.writeUInt16LE(MADE_BY_UNIX, 12);
  end.writeUInt16LE(VERSION_ZIP64, 14);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(size), 40);
  end.writeBigUInt64LE(BigInt(start), 48);
  end.writeUInt32LE(LOCATOR_64, 56);
  end.writeBigUInt64LE(BigInt(start + size), 56 + 8);
  end.writeUInt32LE(1, 56 + 16);
  return end;
}
