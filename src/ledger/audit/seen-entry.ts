/** One entry of an export as the auditor meets it: its own hash, what the tile says of it, and its fields. */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { readEntry, type EntryFields } from '../entry-grammar.ts';
import { HASH_BYTES } from '../tree/merkle.ts';
import { TILE_WIDTH, tileAt, tilesOfLevel } from '../tree/tiles.ts';
import type { ExportFiles } from './export-files.ts';

/** Digests are hex. */
export interface SeenLeaf {
  readonly index: number;
  /** Of the entry's bytes. */
  readonly leaf: string;
  /** What the level-0 tile says; undefined when there is no such tile. */
  readonly claimed: string | undefined;
}

export interface SeenEntry extends SeenLeaf {
  /** Undefined when the bytes are no canonical entry. */
  readonly fields: EntryFields | undefined;
}

export function disagrees(entry: SeenLeaf): boolean {
  return entry.claimed !== undefined && entry.claimed !== entry.leaf;
}

export interface EntrySpan {
  readonly offset: number;
  readonly end: number;
  readonly index: number;
  /** Hex hashes of the level-0 tile. */
  readonly claims: string;
  readonly at: number;
}

const HEX_LENGTH = 2 * HASH_BYTES;

/** Untrusted bytes. Overwrites the length's low byte with 0x00, the leaf prefix, to hash in place. */
export function readSeen(bundle: Buffer, span: EntrySpan): SeenEntry {
  const bytes = bundle.subarray(span.offset + 2, span.end);
  const fields: EntryFields | undefined = isUtf8(bytes) ? readEntry(bytes.toString('latin1')) : undefined;
  bundle[span.offset + 1] = 0;
  const leaf = hash('sha256', bundle.subarray(span.offset + 1, span.end));
  const from = span.at * HEX_LENGTH;
  if (span.claims.startsWith(leaf, from)) return { index: span.index, leaf, claimed: leaf, fields };
  const claimed = span.claims.slice(from, from + HEX_LENGTH);
  return { index: span.index, leaf, claimed: claimed.length === HEX_LENGTH ? claimed : undefined, fields };
}

/** Undefined when the bundle ends before the entry does. */
export function endOfEntry(bundle: Buffer, offset: number): number | undefined {
  if (offset + 2 > bundle.length) return undefined;
  const end = offset + 2 + bundle.readUInt16BE(offset);
  return end <= bundle.length ? end : undefined;
}

/** Every entry that can be read, without judging it. */
export function* readLog(files: ExportFiles, size: number): Generator<SeenEntry> {
  for (const tile of tilesOfLevel('entries', size)) {
    const bundle = files.tileOrPart(tile);
    let offset = 0;
    for (let at = 0; at < tile.width; at++) {
      const end = endOfEntry(bundle, offset);
      if (end === undefined) break;
      yield readSeen(bundle, { offset, end, index: tile.index * TILE_WIDTH + at, claims: '', at });
      offset = end;
    }
  }
}

/** The entry at `index` of a log of `size`, found as a scan finds it: from the start of its bundle. */
export function readOne(files: ExportFiles, index: number, size: number): SeenEntry | undefined {
  const tile = tileAt('entries', Math.floor(index / TILE_WIDTH), size);
  if (tile === undefined) return undefined;
  const bundle = files.tileOrPart(tile);
  const at = index % TILE_WIDTH;
  let offset = 0;
  for (let skip = at; ; skip--) {
    const end = endOfEntry(bundle, offset);
    if (end === undefined) return undefined;
    if (skip === 0) {
      const claims = files.tileOrPart({ ...tile, level: 0 }).toString('hex');
      return readSeen(bundle, { offset, end, index, claims, at });
    }
    offset = end;
  }
}
