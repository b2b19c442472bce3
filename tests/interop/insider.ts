/** What whoever holds a log's key can do: export any entries under a tree and a signature that are all in order. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkpointText } from '../../src/ledger/notes/checkpoint.ts';
import { signNote, type LedgerKey } from '../../src/ledger/notes/note.ts';
import { withLength } from '../../src/ledger/serving/source.ts';
import { Frontier, leafHash } from '../../src/ledger/tree/merkle.ts';
import { TILE_HEIGHT, tilePath, tilesOf, TILE_WIDTH } from '../../src/ledger/tree/tiles.ts';

export interface Misstatement {
  readonly bodies: readonly string[];
  readonly names: RegExp;
}

export function exportSigned(bodies: readonly string[], key: LedgerKey, directory: string): void {
  const frontier = new Frontier();
  const nodes = new Map<string, Buffer>();
  for (const body of bodies) {
    for (const { level, index, hash } of frontier.append(leafHash(body)))
      nodes.set(`${level}/${index}`, hash);
  }
  for (const tile of tilesOf(bodies.length)) {
    const start = tile.index * TILE_WIDTH;
    const parts = Array.from({ length: tile.width }, (_, i) =>
      tile.level === 'entries'
        ? withLength(bodies[start + i] ?? '')
        : (nodes.get(`${tile.level * TILE_HEIGHT}/${start + i}`) ?? Buffer.alloc(0)),
    );
    const file = join(directory, tilePath(tile));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.concat(parts));
  }
  const text = checkpointText({ origin: key.name, size: bodies.length, root: frontier.root() });
  writeFileSync(join(directory, 'checkpoint'), signNote(text, key));
}

/** What 20 entries may not say, every second of them about bank-b. */
export function misstatements(bodies: readonly string[]): Misstatement[] {
  const edited = (index: number, from: RegExp, to: string): string[] =>
    bodies.map((body, i) => (i === index ? body.replace(from, to) : body));
  const zeros = '0'.repeat(64);
  const prev = edited(7, /"prev":"[0-9a-f]{64}","registry"/, `"prev":"${zeros}","registry"`);
  const pairPrev = edited(8, /"prev":"[0-9a-f]{64}"\},"peer"/, `"prev":"${zeros}"},"peer"`);
  return [
    { bodies: bodies.toSpliced(5, 1), names: /entry 5: seq/ },
    { bodies: prev, names: /entry 7: prev/ },
    { bodies: edited(8, /"n":5/, '"n":6'), names: /entry 8: pair\.n of out bank-b/ },
    { bodies: pairPrev, names: /entry 8: pair\.prev/ },
    { bodies: edited(19, /"member":"bank-a"/, '"member":"bank-b"'), names: /entry 19: member/ },
    { bodies: edited(19, /"size":321/, '"size":321.0'), names: /entry 19: .*number/ },
    { bodies: edited(19, /"v":1/, '"v":1e0'), names: /entry 19: .*number/ },
    { bodies: edited(19, /"v":1/, '"v":1,"w":null'), names: /entry 19: / },
    { bodies: edited(19, /"v":1/, '"v": 1'), names: /entry 19: .*canonical/ },
    { bodies: edited(19, /"v":1/, '"v":1,"v":1'), names: /entry 19: .*canonical/ },
    { bodies: edited(19, /"actor":"system"/, '"actor":"\\u0073ystem"'), names: /entry 19: .*canonical/ },
    { bodies: edited(19, /\}$/, ''), names: /entry 19: .*JSON/ },
  ];
}
