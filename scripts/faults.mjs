/**
 * The fault experiments: all of them and the corpus of attacks, after which docs/promises.md is written anew, or with `--short` those that CI has
 * time for. `--grep TEXT` runs some; other arguments are mocha's too.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const rest = process.argv.slice(2);
const isShort = rest.includes('--short');
const isSome = rest.some((argument) => argument !== '--short');
const reports = mkdtempSync(join(tmpdir(), 'lianzheng-report-'));
const seed = process.env.LIANZHENG_SEED ?? String(randomInt(2 ** 31));

/** Tests that break a promise on purpose and stand in the rooms they belong to (tests/faults/harness/results.ts). */
const elsewhere = [
  'tests/ledger/dba.test.ts',
  'tests/ledger/set-back.test.ts',
  'tests/exchange/bad-input.test.ts',
  'tests/exchange/key-rotation.test.ts',
  'tests/exchange/rotation.test.ts',
  'tests/exchange/revocation.test.ts',
  'tests/federation/restart.test.ts',
];

/** Only a whole run of the full set, and one that came to its end, speaks for the page. */
const isWhole = !isShort && !isSome;
const began = Date.now();
const run = mocha(
  ['tests/faults/**/*.test.ts', ...(isWhole ? elsewhere : [])],
  rest.filter((argument) => argument !== '--short'),
);
const attacks = isWhole && run.signal === null ? mocha(['tests/attacks/**/*.test.ts'], []) : run;
if (isWhole && run.signal === null && attacks.signal === null) writePage();
rmSync(reports, { recursive: true, force: true });
process.exit((run.status ?? 1) || (attacks.status ?? 1));

function mocha(files, options) {
  const main = join(root, 'node_modules/mocha/bin/mocha.js');
  const isOfFaults = files.some((file) => file.startsWith('tests/faults'));
  return spawnSync(process.execPath, [main, '--exit', ...files, ...options], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      LIANZHENG_SEED: seed,
      LIANZHENG_FAULTS: isShort ? 'short' : 'full',
      LIANZHENG_REPORT_DIR: reports,
      ...(isOfFaults ? { LIANZHENG_FAULTS_REPORT: join(reports, 'faults.json') } : {}),
    },
  });
}

function writePage() {
  const page = join(root, 'tests/faults/harness/write-promises-page.ts');
  const minutes = String(Math.round((Date.now() - began) / 60_000));
  const args = ['--import', 'tsx', page, reports, seed, minutes];
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
}
