/** The connections of one gateway to its database. */
import type { GatewayConfig } from './config.ts';
import { openDatabase, type Database } from './storage/database.ts';

/** With `off`, a commit may be lost in a crash: for what only has to be unique, as token ids. */
export function openPool(config: GatewayConfig, synchronousCommit?: 'off'): Database {
  return openDatabase({
    url: config.database.url,
    applicationName: `lianzheng ${config.member}`,
    poolSize: synchronousCommit === 'off' ? 4 : (config.database.poolSize ?? 16),
    ...(synchronousCommit === undefined ? {} : { synchronousCommit }),
  });
}
