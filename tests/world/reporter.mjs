/**
 * mocha's spec reporter that also writes its counts where LIANZHENG_TEST_REPORT says, for .ci/run, and every test with
 * its outcome where LIANZHENG_FAULTS_REPORT says, for docs/promises.md.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import Mocha from 'mocha';

const states = { pass: 'passed', fail: 'failed', pending: 'skipped' };

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const { LIANZHENG_TEST_REPORT: counts, LIANZHENG_FAULTS_REPORT: faults } = process.env;
    const tests = [];
    for (const [event, state] of Object.entries(states)) {
      runner.on(event, (test) => {
        tests.push(lineOf(test, state));
        // At once: a run that is cut short has told what it knew.
        if (faults !== undefined) writeFileSync(faults, JSON.stringify(tests));
      });
    }
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      if (counts !== undefined) writeFileSync(counts, JSON.stringify({ passes, failures, pending }));
    });
  }
}

function lineOf(test, state) {
  const file = relative(process.cwd(), test.file ?? '');
  const reason = state === 'skipped' ? reasonOf(test) : undefined;
  return { file, titles: test.titlePath(), state, milliseconds: test.duration ?? 0, reason };
}

/** As tests/faults/harness/run-mode.ts leaves it, on the test or on a suite around it. */
function reasonOf(runnable) {
  return runnable === undefined ? undefined : (runnable.skipReason ?? reasonOf(runnable.parent));
}
