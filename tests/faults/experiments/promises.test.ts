/** Every promise is put to the test, and the page that says so is made from what came out. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programRoot } from '../../../src/config.ts';
import { promisesPage } from '../harness/promises-page.ts';
import { PROMISES } from '../harness/promises.ts';
import { ELSEWHERE, experimentsOf } from '../harness/results.ts';

const FOLDER = 'tests/faults/experiments';

describe('the promises', () => {
  it('each have an experiment', () => {
    const tags = readdirSync(join(programRoot, FOLDER)).flatMap((name) =>
      [...readFileSync(join(programRoot, FOLDER, name), 'utf8').matchAll(/\[((?:P\d+ ?)+)\] /g)].flatMap(
        (found) => found[1]?.split(' ') ?? [],
      ),
    );
    const tried = new Set([...tags, ...Object.values(ELSEWHERE).flat()]);
    assert.deepEqual(
      Object.keys(PROMISES).filter((promise) => !tried.has(promise)),
      [],
    );
  });

  it('name tests elsewhere that the full set runs', () => {
    const script = readFileSync(join(programRoot, 'scripts/faults.mjs'), 'utf8');
    for (const file of Object.keys(ELSEWHERE)) assert.ok(script.includes(`'${file}'`), `${file} is not run`);
  });

  it('stand on a page with what each experiment gave', () => {
    const file = `${FOLDER}/kill.test.ts`;
    const experiments = experimentsOf([
      { file, titles: ['a gateway', '[P1 P4] killed'], state: 'passed', milliseconds: 4200 },
      { file, titles: ['a gateway', '[P4] paused'], state: 'failed', milliseconds: 90_000 },
      { file, titles: ['a gateway', 'no experiment'], state: 'passed', milliseconds: 1 },
      {
        ...{ file: 'tests/ledger/dba.test.ts', titles: ['an administrator'], state: 'skipped' as const },
        ...{ milliseconds: 0, reason: 'no disk' },
      },
    ]);
    const page = promisesPage({
      experiments,
      counts: { passed: 2, failed: 1, skipped: 1 },
      seed: '7',
      date: '2026-11-25',
      minutes: 31,
      cores: 2,
      attacks: undefined,
    });
    assert.match(page, /2026-11-25, 2 cores, about 31 minutes: 2 passed, 1 failed,\s1 skipped, seed 7\./);
    assert.match(page, /\| an administrator \| skipped: no disk \| /);
    assert.match(page, /\| P7 \| [^|]+ \| 0 \| no experiment \(tried here: memory /);
    assert.match(page, /\| P4 \| [^|]+ \| 2 \| 1 passed, 1 failed \|/);
    assert.match(page, /\| a gateway, killed \| passed \| < 10 s \| /);
    assert.match(page, /\| P5 \| [^|]+ \| 1 \| 1 skipped \|/);
    assert.match(page, /\| P12 \| [^|]+ \| 0 \| no experiment \|/);
  });
});
