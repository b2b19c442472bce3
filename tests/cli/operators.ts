/** Three operators, each with a directory of their own: what goes from one to another is copied as a file. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Loose, type Run } from './console.ts';

export const ALLIANCE = 'lz-test';
export type Operator = 1 | 2 | 3;

export interface Operators {
  readonly root: string;
  /** Inside the directory of an operator. */
  at(operator: Operator, ...parts: readonly string[]): string;
  /** Runs a command that must succeed. */
  ok(...args: readonly string[]): Promise<Loose>;
  /** Runs a command that must be refused; returns its code. */
  refused(...args: readonly string[]): Promise<string>;
  /** An edit at operator 1. */
  edit(...args: readonly string[]): Promise<Loose>;
  /** Has the draft of operator 1 signed by the operators given, each at home, combined and published at operator 1. */
  publish(...by: readonly Operator[]): Promise<Loose>;
  registry(serial?: number): Promise<Loose>;
  close(): void;
}

const operators = [1, 2, 3] as const;

/** Founded by all three, threshold two; registry 1 is published and everybody has its anchors. */
export async function openOperators(): Promise<Operators> {
  const root = mkdtempSync(join(tmpdir(), 'lz-operators-'));
  const at: Operators['at'] = (operator, ...parts) => join(root, `op${operator}`, ...parts);
  for (const operator of operators) {
    mkdirSync(at(operator));
    await ok('alliance', 'operator-key', '--out', at(operator, 'operator.jwk'));
  }
  const keys = operators.flatMap((operator) => ['--operator-key', at(operator, 'operator.jwk.pub.json')]);
  await ok('alliance', 'init', '--alliance', ALLIANCE, '--dir', at(1), '--threshold', '2', ...keys);
  const publish: Operators['publish'] = async (...by) => {
    const copies = await Promise.all(by.map((operator) => signAt(operator, at)));
    const merged = at(1, 'merged.json');
    await ok('alliance', 'combine', ...copies, '--out', merged, '--dir', at(1));
    const published = await ok('alliance', 'publish', merged, '--dir', at(1));
    for (const operator of [2, 3] as const) cpSync(at(1, 'anchors.json'), at(operator, 'anchors.json'));
    return published;
  };
  await publish(1, 3);
  return {
    root,
    at,
    ok,
    refused: async (...args) => {
      const done = await run([...args, '--json']);
      assert.notEqual(done.code, 0, `${args.join(' ')} was not refused: ${done.out}`);
      return done.json['error']?.code ?? 'none';
    },
    edit: (...args) => ok('alliance', ...args, '--dir', at(1)),
    publish,
    registry: async (serial) => {
      const wanted = serial === undefined ? [] : [String(serial)];
      return (await ok('alliance', 'show', ...wanted, '--anchors', at(1, 'anchors.json')))['registry'];
    },
    close: () => rmSync(root, { recursive: true }),
  };
}

/** The draft travels, the key does not. */
async function signAt(operator: Operator, at: Operators['at']): Promise<string> {
  const copy = at(operator, 'to-sign.json');
  cpSync(at(1, 'draft.json'), copy);
  await ok('alliance', 'sign', copy, '--key', at(operator, 'operator.jwk'), '--dir', at(operator), '--yes');
  return copy;
}

async function ok(...args: readonly string[]): Promise<Loose> {
  const done: Run = await run([...args, '--json']);
  assert.equal(done.code, 0, `${args.join(' ')}\n${done.err}${done.out}`);
  return done.json;
}

export function readJson(path: string): Loose {
  return JSON.parse(readFileSync(path, 'utf8'));
}

export function writeJson(path: string, value: unknown): string {
  writeFileSync(path, JSON.stringify(value));
  return path;
}

export const BANK = [
  ...['--name', '甲银行', '--uscc', '91999999MA0TEBNK03', '--region', '999999', '--level', 'city'],
  ...['--role', 'institution', '--authority', 'gw.bank-a.example:8443'],
];
