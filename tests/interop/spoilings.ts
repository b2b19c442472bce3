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

/** Puts another letter of base64 in the place of one, which then still decodes. */
function reletter(file: string, find: (text: string) => number): void {
  const text = readFileSync(file, 'utf8');
  const at = find(text);
  const letter = text.at(at);
  assert.match(letter ?? '', /[A-Za-z0-9+/]/);
  writeFileSync(file, text.slice(0, at) + (letter === 'A' ? 'B' : 'A') + text.slice(at + 1));
}

function after(part: string): (text: string) => number {
  return (text) => {
    assert.ok(text.includes(part), `${part} is not in ${text}`);
    return text.indexOf(part) + part.length;
  };
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
    spoil: (dir) => reletter(join(dir, 'ledger/checkpoint'), after(`\n${SIZE}\n`)),
  },
  {
    event: 'a cosignature was altered',
    names: /checkpoint: .*witness-two\.example/,
    spoil: (dir) => reletter(join(dir, 'ledger/checkpoint'), (text) => text.length - 10),
  },
  {
    event: 'the older checkpoint was altered',
    names: /older checkpoint: /,
    spoil: (dir) => reletter(join(dir, 'older'), after(`\n${OLD_SIZE}\n`)),
  },
  {
    event: 'the consistency proof was altered',
    names: /consistency proof: /,
    spoil: (dir) => reletter(join(dir, 'consistency'), after(`old ${OLD_SIZE}\n`)),
  },
  {
    event: 'an inclusion proof was altered',
    names: /255\.tlog-proof: /,
    spoil: (dir) => reletter(join(dir, 'proofs/255.tlog-proof'), after('index 255\n')),
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
