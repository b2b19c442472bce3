/**
 * The fault experiments: all of them, after which docs/promises.md is written anew, or with `--short` those that CI has
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
const report = join(reports, 'faults.json');
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

const files = ['tests/faults/**/*.test.ts', ...(isShort || isSome ? [] : elsewhere)];
const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
const run = spawnSync(
  process.execPath,
  [mocha, '--exit', ...files, ...rest.filter((argument) => argument !== '--short')],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      LIANZHENG_SEED: seed,
      LIANZHENG_FAULTS: isShort ? 'short' : 'full',
      LIANZHENG_FAULTS_REPORT: report,
    },
  },
);
if (!isShort && !isSome) writePage();
rmSync(reports, { recursive: true, force: true });
process.exit(run.status ?? 1);

function writePage() {
  const page = join(root, 'tests/faults/harness/write-promises-page.ts');
  spawnSync(process.execPath, ['--import', 'tsx', page, report, seed], { cwd: root, stdio: 'inherit' });
}
