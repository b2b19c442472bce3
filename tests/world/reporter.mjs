/** mocha's spec reporter that also writes its counts where LIANZHENG_TEST_REPORT says, for .ci/run. */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const report = process.env.LIANZHENG_TEST_REPORT;
    if (report === undefined) return;
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(report, JSON.stringify({ passes, failures, pending }));
    });
  }
}
