/** Every part of a dossier spoiled in turn, and what the refusal must then name. */
import assert from 'node:assert/strict';
import { readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OLD_SIZE, SIZE } from './dossier.ts';

export interface Spoiling {
  readonly event: string;
  readonly names: RegExp;
  readonly spoil: (directory: string) => void;
}

/** Flips the lowest bit of one byte; `at` counts from the end when it is negative. */
export function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  const position = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(position) ^ 1, position);
  writeFileSync(file, bytes);
}

/** Swaps the first character of base64 that follows `before`. */
function editAfter(file: string, before: string): void {
  const text = readFileSync(file, 'utf8');
  const at = text.indexOf(before) + before.length;
  assert.ok(at >= before.length, `${before} is not in ${file}`);
  writeFileSync(file, `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
}

const BUNDLE = 'ledger/tile/entries/002.p/188';
export const spoilings: readonly Spoiling[] = [
  {
    event: 'a byte of a body was altered',
    names: /entry 699\b/,
    spoil: (dir) => flip(join(dir, BUNDLE), -20),
  },
  {
    event: 'a byte of a leaf tile was altered',
    names: /tile\/0\/001: hash 44\b/,
    spoil: (dir) => flip(join(dir, 'ledger/tile/0/001'), 44 * 32 + 7),
  },
  {
    event: 'a byte of a tile above was altered',
    names: /tile\/1\/000\.p\/2: hash 1\b/,
    spoil: (dir) => flip(join(dir, 'ledger/tile/1/000.p/2'), -1),
  },
  {
    event: 'bodies and leaf tiles were both altered',
    names: /root/,
    spoil: (dir) => {
      flip(join(dir, BUNDLE), -20);
      flip(join(dir, 'ledger/tile/0/001'), 0);
    },
  },
  {
    event: 'a bundle was cut short',
    names: /tile\/entries\/002\.p\/188: ends within entry 699\b/,
    spoil: (dir) => truncateSync(join(dir, BUNDLE), readFileSync(join(dir, BUNDLE)).length - 1),
  },
  {
    event: 'a bundle has bytes to spare',
    names: /tile\/entries\/002\.p\/188: 3 bytes/,
    spoil: (dir) => writeFileSync(join(dir, BUNDLE), '\0\u0001x', { flag: 'a' }),
  },
  {
    event: 'a tile is missing',
    names: /tile\/0\/002\.p\/188/,
    spoil: (dir) => unlinkSync(join(dir, 'ledger/tile/0/002.p/188')),
  },
  {
    event: 'the checkpoint names another root',
    names: /checkpoint: .*bank-a\.example\/ledger/,
    spoil: (dir) => editAfter(join(dir, 'ledger/checkpoint'), `\n${SIZE}\n`),
  },
  {
    event: 'a cosignature was altered',
    names: /checkpoint: .*witness-two\.example/,
    spoil: (dir) => flip(join(dir, 'ledger/checkpoint'), -10),
  },
  {
    event: 'the older checkpoint was altered',
    names: /older checkpoint: /,
    spoil: (dir) => editAfter(join(dir, 'older'), `\n${OLD_SIZE}\n`),
  },
  {
    event: 'the consistency proof was altered',
    names: /consistency proof: /,
    spoil: (dir) => editAfter(join(dir, 'consistency'), `old ${OLD_SIZE}\n`),
  },
  {
    event: 'an inclusion proof was altered',
    names: /255\.tlog-proof: /,
    spoil: (dir) => editAfter(join(dir, 'proofs/255.tlog-proof'), 'index 255\n'),
  },
  {
    event: 'an inclusion proof names another index',
    names: /255\.tlog-proof: /,
    spoil: (dir) => flip(join(dir, 'proofs/255.tlog-proof'), 'c2sp.org/tlog-proof@v1\nindex 25'.length),
  },
  {
    event: 'the entry beside a proof was altered',
    names: /511\.tlog-proof: /,
    spoil: (dir) => flip(join(dir, 'proofs/511.entry'), 40),
  },
];
