/** SM3 tree by the book (RFC 6962 2.1), and the anchors of an export, sharing no code with the ledger. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Anchor {
  readonly index: number;
  readonly size: number;
  readonly sm3: string;
}

export function sm3Root(entries: readonly Buffer[]): Buffer {
  if (entries.length === 0) return sm3();
  if (entries.length === 1) return sm3(Buffer.of(0), entries[0]!);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sm3(Buffer.of(1), sm3Root(entries.slice(0, k)), sm3Root(entries.slice(k)));
}

/** Of an export of at most 256,000 entries into a fresh directory. */
export function entriesOf(directory: string): Buffer[] {
  const bundles = join(directory, 'tile', 'entries');
  return readdirSync(bundles)
    .sort()
    .flatMap((name) => {
      const path = join(bundles, name);
      return split(readFileSync(statSync(path).isDirectory() ? join(path, readdirSync(path)[0]!) : path));
    });
}

export function anchorsOf(entries: readonly Buffer[]): Anchor[] {
  return entries.flatMap((bytes, index) => {
    const { kind, subject } = JSON.parse(bytes.toString()) as { kind: string; subject: Anchor };
    return kind === 'sm3-anchor' ? [{ index, size: subject.size, sm3: subject.sm3 }] : [];
  });
}

function split(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    const end = at + 2 + bundle.readUInt16BE(at);
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

function sm3(...parts: Buffer[]): Buffer {
  return createHash('sm3').update(Buffer.concat(parts)).digest();
}
