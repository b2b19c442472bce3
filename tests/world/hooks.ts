/** Root hooks of the test run. */
import { stopTestCluster } from './database.ts';

export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    // A run with many databases has much to remove.
    this.timeout(120_000);
    await stopTestCluster();
  },
};
