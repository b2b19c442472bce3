import assert from 'node:assert/strict';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { featureTypes } from '../../src/features/feature-type.ts';
import { ndjsonLines } from '../../src/features/intake/lines.ts';
import { pushFeatures } from '../../src/features/push.ts';
import { screen } from '../../src/features/screen.ts';
import type { Subject } from '../../src/features/screening/subjects.ts';
import { createGateways, PURPOSE, SHARING, type Gateway } from './gateways.ts';

const SAMPLES = new URL('../../samples/', import.meta.url);
const files = readdirSync(new URL('features/', SAMPLES)).filter((name) => name.endsWith('.ndjson'));

function valuesOf(name: string): { type: string; value: string }[] {
  const text = readFileSync(new URL(`features/${name}`, SAMPLES), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('the sample features', () => {
  let bank: Gateway;
  before(async () => {
    [bank] = (await createGateways(1)) as [Gateway];
  });
  after(() => bank.close());

  it('are ten cases that cover every type and hold nobody real', () => {
    assert.equal(files.length, 10);
    const all = files.flatMap(valuesOf);
    assert.deepEqual([...new Set(all.map(({ type }) => type))].sort(), [...featureTypes].sort());
    const prefixes: Readonly<Record<string, RegExp>> = {
      'id-card': /^999999/,
      uscc: /^..999999/,
      phone: /^1540000/,
      'bank-card': /^620000/,
      'bank-account': /^9999/,
      domain: /\.example\.com$/,
      email: /\.example\.com$/,
      'app-package': /^com\.example\./,
      ip: /^(?:203\.0\.113|198\.51\.100)\./,
      vehicle: /9999X$|^LSAMP/,
    };
    for (const { type, value } of all) assert.match(value, prefixes[type] ?? /./, type);
  });

  it('are all accepted, and the applicants are blocked, reviewed and passed as their list says', async () => {
    for (const name of files) {
      const lines = ndjsonLines(createReadStream(new URL(`features/${name}`, SAMPLES)));
      const report = await pushFeatures(bank.deps, { ...SHARING, lines });
      assert.deepEqual([report.refused, report.duplicates], [[], 0], name);
    }
    const subjects = JSON.parse(readFileSync(new URL('applicants.json', SAMPLES), 'utf8')) as Subject[];
    const { results } = await screen(bank.deps, { purpose: PURPOSE, caseRef: 'x', actor: 'clerk', subjects });
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['block', 'block', 'block', 'block', 'review', 'review', 'review', 'pass', 'pass', 'pass'],
    );
  });
});
