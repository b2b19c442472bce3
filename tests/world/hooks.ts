/** Root hooks of the test run. */
import { stopTestCluster } from './database.ts';

export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    // PostgreSQL writes everything out first; on a busy machine that takes its time.
    this.timeout(120_000);
    await stopTestCluster();
  },
};
