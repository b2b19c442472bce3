/** Root hooks of the test run. */
import { stopTestCluster } from './database.ts';

export const mochaHooks = {
  async afterAll(): Promise<void> {
    await stopTestCluster();
  },
};
